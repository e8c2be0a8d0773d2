package org.svos.telemetry.loader.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.svos.telemetry.event.SandboxId;

class ConfigReaderTest {

    @TempDir
    Path folder;

    private Config read(String yaml) throws Exception {
        return read(yaml, Map.of());
    }

    private Config read(String yaml, Map<String, String> environment) throws Exception {
        return ConfigReader.read(Files.writeString(folder.resolve("config.yaml"), yaml), environment);
    }

    @Test
    void theDefaultsAreThoseOfThePackagedFile() throws Exception {
        Config config = ConfigReader.read(null, Map.of());

        assertThat(config.gateway().url()).hasToString("http://127.0.0.1:8080");
        assertThat(config.attach().mechanism()).isEqualTo(Config.Attach.Mechanism.AUTO);
        assertThat(config.attach().libbpf()).isEqualTo("libbpf.so.1");
        assertThat(config.ringBytes()).isEqualTo(8 * 1024 * 1024);
        assertThat(config.guardEventsPerSecond()).isZero();
        assertThat(config.spool()).isEqualTo(new Config.SpoolBounds(512L * 1024 * 1024, Duration.ofDays(14)));
        assertThat(config.batch().maxAge()).isEqualTo(Duration.ofMillis(500));
        assertThat(config.host().id()).isNull();
        assertThat(ConfigReader.version()).matches("\\d+\\.\\d+\\.\\d+.*");
    }

    @Test
    void thePackagedFileIsAFileThatCanBeGiven() throws Exception {
        assertThat(read(ConfigReader.packaged())).isEqualTo(ConfigReader.read(null, Map.of()));
    }

    @Test
    void aFileNeedsOnlyWhatDiffersAndTheEnvironmentWins() throws Exception {
        Config config = read(
                "gateway:\n  url: https://gateway:8443/\nupload:\nring:\n  size: 65536\n",
                Map.of(
                        "TELEMETRY_HOST_RING_SIZE", "1MiB",
                        "TELEMETRY_HOST_GATEWAY_CONNECT_TIMEOUT", "3s",
                        "TELEMETRY_HOST_SERVICE_HOST", "somebody else's",
                        "TELEMETRY_HOST_TOKEN_FILE", "/run/token"));

        assertThat(config.gateway().url()).hasToString("https://gateway:8443");
        assertThat(config.ringBytes()).isEqualTo(1024 * 1024);
        assertThat(config.gateway().connectTimeout()).isEqualTo(Duration.ofSeconds(3));
        assertThat(config.tokenFile()).isEqualTo(Path.of("/run/token"));
    }

    @Test
    void anUnknownKeyIsRefusedWithItsLineAndAHint() {
        assertThatThrownBy(() -> read("gateway:\n  url: http://a:1\n  conectTimeout: 3s\n"))
                .isInstanceOf(ConfigFault.class)
                .hasMessageContaining("line 3")
                .hasMessageContaining("gateway.conectTimeout")
                .hasMessageContaining("did you mean gateway.connectTimeout?");
        assertThatThrownBy(() -> read("entirely:\n  elsewhere: 1\n"))
                .isInstanceOf(ConfigFault.class)
                .hasMessageContaining("there are gateway.url, ");
    }

    @ParameterizedTest
    @CsvSource({
        "gateway.url, ftp://gateway, must be like https://host:port",
        "gateway.url, '', must be given",
        "guard.eventsPerSecond, 1000001, must be from 0 to 1000000",
        "guard.eventsPerSecond, '', must be given",
        "gateway.url, http://a b, is no URL",
        "gateway.requestTimeout, 5, must be a duration",
        "gateway.proxy, proxy:3128, 'must be like http://proxy:3128'",
        "gateway.proxy, http://name:secret@proxy:3128, 'must be like http://proxy:3128'",
        "gateway.keyFile, /etc/key, gateway.certificateFile",
        "gateway.requestTimeout, 0s, must be longer than nothing",
        "ring.size, 5000, must be a power of two",
        "ring.size, 1KiB, must be from 4096 to 536870912",
        "ring.size, 99999999GiB, must be from",
        "batch.maxEvents, 10001, must be from 1 to 10000",
        "upload.mergeEvents, 10001, must be from 1 to 10000",
        "upload.mergeSize, 1, must be from 1024",
        "upload.maxBytesPerSecond, fast, must be a size",
        "batch.maxEvents, many, must be a whole number",
        "owner.capture, maybe, must be on or off",
        "owner.denySandboxes, 'x', 'holds \"x\", which is no sandbox ID'",
        "owner.allowSandboxes, '00000000-1111-2222-3333-444444444444,', has an empty place",
        "attach.mechanism, magic, 'is none of auto, kprobe, kprobe.multi, tracefs, uprobe'",
        "attach.mechanism, uprobe, attach.library",
        "http.address, localhost, must be 127.0.0.1",
        "http.port, 65536, must be from 0 to 65535",
    })
    void aValueThatCannotBeIsRefusedWithItsKeyAndItsPlace(String key, String value, String message) {
        String[] path = key.split("\\.", -1);

        assertThatThrownBy(() -> read(path[0] + ":\n  " + path[1] + ": '" + value + "'\n"))
                .isInstanceOf(ConfigFault.class)
                .hasMessageContaining(message);
    }

    @ParameterizedTest
    @CsvSource({
        "'a: [1', no YAML",
        "'a: [1]', there is no setting a",
        "'pins: [1]', must be a single value",
        "'owner: {dropFields: [[a]]}', something else than single values",
        "'text', no keys found"
    })
    void whatIsNoSettingsFileIsSaidSo(String yaml, String message) {
        assertThatThrownBy(() -> read(yaml)).isInstanceOf(ConfigFault.class).hasMessageContaining(message);
    }

    @Test
    void whatTheOwnerWithholdsIsAListOrHasCommasBetween() throws Exception {
        SandboxId one = new SandboxId("00000000-1111-2222-3333-444444444444");
        SandboxId two = new SandboxId("ffffffff-1111-2222-3333-444444444444");

        Config config = read("""
                owner:
                  capture: off
                  allowSandboxes: [00000000-1111-2222-3333-444444444444, FFFFFFFF-1111-2222-3333-444444444444]
                  dropFields:
                    - password
                    - "one, two"
                """, Map.of("TELEMETRY_HOST_OWNER_DENY_SANDBOXES", two + ", " + one));

        assertThat(config.owner())
                .isEqualTo(
                        new Config.Owner(false, Set.of(one, two), Set.of(two, one), List.of("password", "one, two")));
        assertThat(read("owner:\n  dropFields: password, token\n").owner().droppedFields())
                .containsExactly("password", "token");
        assertThat(ConfigReader.read(null, Map.of()).owner()).isEqualTo(Config.Owner.OPEN);
    }

    @Test
    void aFileThatIsNotThereIsNamed() {
        Path missing = folder.resolve("missing.yaml");

        assertThatThrownBy(() -> ConfigReader.read(missing, Map.of()))
                .isInstanceOf(ConfigFault.class)
                .hasMessageContaining("missing.yaml")
                .hasMessageContaining("--config");
    }
}
