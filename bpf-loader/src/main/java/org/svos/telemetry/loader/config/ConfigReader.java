package org.svos.telemetry.loader.config;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.svos.telemetry.event.SandboxId;

/** Reads and checks the settings: the packaged defaults, over them a file, over that the environment. */
public final class ConfigReader {

    private static final Pattern DURATION = Pattern.compile("(\\d{1,9})\\s*(ms|s|m|h|d)");
    private static final Pattern SIZE = Pattern.compile("(\\d{1,15})\\s*(B|KiB|MiB|GiB)?");
    private static final int LARGEST_RING = 512 * 1024 * 1024;
    private static final int SMALLEST_RING = 4096;
    private static final int MOST_GUARDED = 1_000_000;
    private static final int MOST_SANDBOXES = 10_000;
    /** Each key of a payload is compared with each of them. */
    private static final int MOST_DROPPED = 100;

    private static final int GATEWAY_EVENTS = 10_000;
    private static final int GATEWAY_BYTES = 32 * 1024 * 1024;

    private final Settings settings;

    private ConfigReader(Settings settings) {
        this.settings = settings;
    }

    /**
     * Reads the settings.
     *
     * @param file null if there is none
     */
    public static Config read(@Nullable Path file, Map<String, String> environment) throws ConfigFault {
        Settings settings = Settings.parse(packaged(), "the packaged config.yaml");
        if (file != null) {
            settings.overlay(Settings.parse(content(file), file.toString()));
        }
        settings.overlay(environment);
        return new ConfigReader(settings).config();
    }

    /** The packaged file: every setting, its default, and what it is for. */
    public static String packaged() {
        return new String(resource("config.yaml"), StandardCharsets.UTF_8);
    }

    /** The loader's version. */
    public static String version() {
        return new String(resource("version.properties"), StandardCharsets.UTF_8)
                .strip()
                .substring("version=".length());
    }

    private static byte[] resource(String name) {
        try (InputStream in = ConfigReader.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException("the jar lacks " + name);
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new IllegalStateException("the jar's " + name + " cannot be read", e);
        }
    }

    private static String content(Path file) throws ConfigFault {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new ConfigFault("the settings cannot be read: " + e + "; --config says where they are");
        }
    }

    private Config config() throws ConfigFault {
        return new Config(
                new Config.Gateway(
                        url(),
                        duration("gateway.connectTimeout"),
                        duration("gateway.requestTimeout"),
                        tls(),
                        proxy(),
                        isOn("gateway.http2")),
                path("token.file"),
                path("data"),
                new Config.HostNames(text("host.id"), text("host.name")),
                owner(),
                attach(),
                pins(),
                ringBytes(),
                Math.toIntExact(number("guard.eventsPerSecond", 0, MOST_GUARDED)),
                new Config.Batching(
                        duration("batch.maxAge"),
                        Math.toIntExact(number("batch.maxEvents", 1, GATEWAY_EVENTS)),
                        Math.toIntExact(size("batch.maxSize", 1024, GATEWAY_BYTES / 2))),
                new Config.SpoolBounds(size("spool.maxSize", 1024 * 1024, Long.MAX_VALUE), duration("spool.maxAge")),
                new Config.Upload(
                        Math.toIntExact(number("upload.concurrency", 1, 1000)),
                        duration("upload.firstPause"),
                        duration("upload.longestPause"),
                        duration("upload.parkedPause"),
                        Math.toIntExact(number("upload.mergeEvents", 1, GATEWAY_EVENTS)),
                        Math.toIntExact(size("upload.mergeSize", 1024, GATEWAY_BYTES / 2)),
                        size("upload.maxBytesPerSecond", 0, Long.MAX_VALUE)),
                duration("stop.timeout"),
                address("http.address"),
                Math.toIntExact(number("http.port", 0, 65_535)),
                settings.values());
    }

    private Config.Owner owner() throws ConfigFault {
        return new Config.Owner(
                isOn("owner.capture"),
                sandboxes("owner.allowSandboxes"),
                sandboxes("owner.denySandboxes"),
                list("owner.dropFields", MOST_DROPPED));
    }

    private Set<SandboxId> sandboxes(String key) throws ConfigFault {
        Set<SandboxId> sandboxes = new LinkedHashSet<>();
        for (String item : list(key, MOST_SANDBOXES)) {
            SandboxId sandbox = SandboxId.parse(item);
            if (sandbox == null) {
                throw fault(key, "holds \"" + item + "\", which is no sandbox ID: 32 hexadecimal digits in UUID form");
            }
            sandboxes.add(sandbox);
        }
        return sandboxes;
    }

    private Config.Attach attach() throws ConfigFault {
        String names = Arrays.stream(Config.Attach.Mechanism.values())
                .map(Config.Attach.Mechanism::word)
                .collect(Collectors.joining(", "));
        String name = required("attach.mechanism");
        Config.Attach.Mechanism mechanism = Arrays.stream(Config.Attach.Mechanism.values())
                .filter(m -> m.word().equals(name))
                .findFirst()
                .orElseThrow(() -> fault("attach.mechanism", "is none of " + names));
        String library = text("attach.library");
        if (mechanism == Config.Attach.Mechanism.UPROBE && library == null) {
            throw fault("attach.library", "must be the path of the library whose functions are to be probed");
        }
        return new Config.Attach(mechanism, library == null ? null : Path.of(library), required("attach.libbpf"));
    }

    private @Nullable Path pins() throws ConfigFault {
        String folder = text("pins");
        if (folder != null && !folder.startsWith("/")) {
            throw fault("pins", "must be the whole path of a folder, or empty");
        }
        if (folder != null && folder.substring(folder.lastIndexOf('/') + 1).contains(".")) {
            throw fault("pins", "ends in a name with a dot, which a BPF file system does not take");
        }
        return folder == null ? null : Path.of(folder);
    }

    private URI url() throws ConfigFault {
        String value = required("gateway.url");
        URI url;
        try {
            url = URI.create(value.endsWith("/") ? value.substring(0, value.length() - 1) : value);
        } catch (IllegalArgumentException e) {
            throw fault("gateway.url", "is no URL");
        }
        boolean web = "http".equals(url.getScheme()) || "https".equals(url.getScheme());
        if (!web || url.getHost() == null || url.getQuery() != null || url.getFragment() != null) {
            throw fault("gateway.url", "must be like https://host:port");
        }
        return url;
    }

    private Config.TlsFiles tls() throws ConfigFault {
        Path certificate = file("gateway.certificateFile");
        Path key = file("gateway.keyFile");
        if ((certificate == null) != (key == null)) {
            throw fault(
                    key == null ? "gateway.keyFile" : "gateway.certificateFile",
                    "must be given, as gateway.certificateFile and gateway.keyFile belong together");
        }
        return new Config.TlsFiles(file("gateway.caFile"), certificate, key);
    }

    private @Nullable URI proxy() throws ConfigFault {
        String value = text("gateway.proxy");
        if (value == null) {
            return null;
        }
        try {
            URI proxy = new URI(value);
            if ("http".equals(proxy.getScheme())
                    && proxy.getHost() != null
                    && proxy.getPort() > 0
                    && proxy.getUserInfo() == null) {
                return proxy;
            }
        } catch (URISyntaxException e) {
            // Said below.
        }
        throw fault("gateway.proxy", "must be like http://proxy:3128");
    }

    private @Nullable Path file(String key) throws ConfigFault {
        String value = text(key);
        return value == null ? null : Path.of(value);
    }

    private InetAddress address(String key) throws ConfigFault {
        String value = required(key);
        if (!List.of("127.0.0.1", "0.0.0.0").contains(value)) {
            throw fault(key, "must be 127.0.0.1, or 0.0.0.0 for all addresses");
        }
        return InetAddress.ofLiteral(value);
    }

    private int ringBytes() throws ConfigFault {
        long bytes = size("ring.size", SMALLEST_RING, LARGEST_RING);
        if (Long.bitCount(bytes) != 1) {
            throw fault("ring.size", "must be a power of two");
        }
        return (int) bytes;
    }

    private Path path(String key) throws ConfigFault {
        return Path.of(required(key));
    }

    private @Nullable String text(String key) throws ConfigFault {
        Settings.Setting setting = settings.get(key);
        if (setting.items() != null) {
            throw fault(key, "is a list, and must be a single value");
        }
        return setting.value().isEmpty() ? null : setting.value();
    }

    private String required(String key) throws ConfigFault {
        String value = text(key);
        if (value == null) {
            throw fault(key, "must be given");
        }
        return value;
    }

    private boolean isOn(String key) throws ConfigFault {
        return switch (required(key)) {
            case "on", "true" -> true;
            case "off", "false" -> false;
            default -> throw fault(key, "must be on or off");
        };
    }

    /** A YAML list, or one value with commas between what it holds. */
    private List<String> list(String key, int most) throws ConfigFault {
        Settings.Setting setting = settings.get(key);
        List<String> given = setting.items();
        List<String> items = given != null
                ? given
                : Arrays.stream(setting.value().split(",", -1))
                        .map(String::strip)
                        .toList();
        if (given == null && setting.value().isEmpty()) {
            return List.of();
        }
        if (items.contains("")) {
            throw fault(key, "has an empty place: is there a comma too many?");
        }
        if (items.size() > most) {
            throw fault(key, "holds " + items.size() + ", and must hold no more than " + most);
        }
        return items;
    }

    private Duration duration(String key) throws ConfigFault {
        Matcher duration = DURATION.matcher(required(key));
        if (!duration.matches()) {
            throw fault(key, "must be a duration such as 500ms, 10s, 5m, 2h or 14d");
        }
        long number = Long.parseLong(duration.group(1));
        Duration value = switch (duration.group(2)) {
            case "ms" -> Duration.ofMillis(number);
            case "s" -> Duration.ofSeconds(number);
            case "m" -> Duration.ofMinutes(number);
            case "h" -> Duration.ofHours(number);
            default -> Duration.ofDays(number);
        };
        if (value.isZero()) {
            throw fault(key, "must be longer than nothing");
        }
        return value;
    }

    private long size(String key, long least, long most) throws ConfigFault {
        Matcher size = SIZE.matcher(required(key));
        if (!size.matches()) {
            throw fault(key, "must be a size such as 4096, 256KiB, 8MiB or 1GiB");
        }
        String unit = size.group(2) == null ? "B" : size.group(2);
        int shift = switch (unit) {
            case "KiB" -> 10;
            case "MiB" -> 20;
            case "GiB" -> 30;
            default -> 0;
        };
        long number = Long.parseLong(size.group(1));
        long bytes = number > Long.MAX_VALUE >> shift ? Long.MAX_VALUE : number << shift;
        return within(key, bytes, least, most);
    }

    private long number(String key, long least, long most) throws ConfigFault {
        try {
            return within(key, Long.parseLong(required(key)), least, most);
        } catch (NumberFormatException e) {
            throw fault(key, "must be a whole number");
        }
    }

    private long within(String key, long value, long least, long most) throws ConfigFault {
        if (value < least || value > most) {
            throw fault(key, "must be from " + least + " to " + most);
        }
        return value;
    }

    private ConfigFault fault(String key, String problem) {
        Settings.Setting setting = settings.get(key);
        return new ConfigFault(setting.place() + ": " + key + " is \"" + setting.value() + "\" and " + problem);
    }
}
