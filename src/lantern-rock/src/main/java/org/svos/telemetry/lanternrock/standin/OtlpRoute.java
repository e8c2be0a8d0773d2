package org.svos.telemetry.lanternrock.standin;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnknownFieldSet;
import com.sun.net.httpserver.HttpExchange;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceResponse;
import io.opentelemetry.proto.logs.v1.ResourceLogs;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.svos.telemetry.lanternrock.standin.OtlpReader.OtlpRecord;

/**
 * {@code POST /v1/logs}: takes OTLP logs as the gateway's adapter sends them, the way that the behaviour of the moment has it. A
 * record is kept once for each {@code log.record.uid}.
 */
final class OtlpRoute {

    private static final String PROTOBUF = "application/x-protobuf";
    private static final Pattern DATABASE = Pattern.compile("[a-z0-9][a-z0-9_-]{0,62}");
    private static final int MAX_BODY_BYTES = 256 * 1024 * 1024;
    private static final int STATUS_MESSAGE = 2;

    private final Archive archive;
    private final Supplier<Behaviour> behaviour;

    OtlpRoute(Archive archive, Supplier<Behaviour> behaviour) {
        this.archive = archive;
        this.behaviour = behaviour;
    }

    void handle(HttpExchange exchange) throws IOException, InterruptedException {
        try {
            take(exchange);
        } catch (ZipException | EOFException e) {
            refuse(exchange, new HttpFault(400, "not gzip: " + e.getMessage()));
        } catch (HttpFault fault) {
            refuse(exchange, fault);
        }
    }

    private static void refuse(HttpExchange exchange, HttpFault fault) throws IOException {
        // A google.rpc.Status.
        UnknownFieldSet status = UnknownFieldSet.newBuilder()
                .addField(
                        STATUS_MESSAGE,
                        UnknownFieldSet.Field.newBuilder()
                                .addLengthDelimited(ByteString.copyFromUtf8(String.valueOf(fault.getMessage())))
                                .build())
                .build();
        Answers.send(exchange, fault.status(), PROTOBUF, status.toByteArray());
    }

    private void take(HttpExchange exchange) throws IOException, HttpFault, InterruptedException {
        byte[] body = body(exchange);
        if (!exchange.getRequestURI().getPath().equals("/v1/logs")) {
            throw new HttpFault(
                    404, "there is nothing at " + exchange.getRequestURI().getPath());
        }
        if (!"POST".equals(exchange.getRequestMethod())) {
            throw Answers.notAllowed(exchange, "POST");
        }
        if (!PROTOBUF.equals(exchange.getRequestHeaders().getFirst("Content-Type"))) {
            throw new HttpFault(415, "the one type that is known is " + PROTOBUF);
        }
        ExportLogsServiceRequest request = parse(body);
        if (request.getResourceLogsCount() != 1) {
            throw new HttpFault(400, "a request must have one resource");
        }
        ResourceLogs logs = request.getResourceLogs(0);
        String database = OtlpReader.database(logs);
        Behaviour now = behaviour.get().towards(database);
        now.refuseIfTold(exchange);
        if (!DATABASE.matcher(database).matches()) {
            throw new HttpFault(400, "the resource must name its database in svos.telemetry.database");
        }
        int rejected = keep(database, logs, now);
        if (now.mode() == Behaviour.Mode.DROP) {
            // Closing an exchange that has no answer yet closes its connection.
            return;
        }
        Thread.sleep(now.delay());
        answer(exchange, now, rejected);
    }

    private static byte[] body(HttpExchange exchange) throws IOException, HttpFault {
        String encoding = exchange.getRequestHeaders().getFirst("Content-Encoding");
        InputStream body = exchange.getRequestBody();
        byte[] read = switch (encoding == null ? "identity" : encoding) {
            case "identity" -> body.readNBytes(MAX_BODY_BYTES + 1);
            case "gzip" -> new GZIPInputStream(body).readNBytes(MAX_BODY_BYTES + 1);
            default -> throw new HttpFault(415, "the encodings that are known are gzip and identity");
        };
        if (read.length > MAX_BODY_BYTES) {
            throw new HttpFault(413, "a body may have " + MAX_BODY_BYTES + " bytes");
        }
        return read;
    }

    private static ExportLogsServiceRequest parse(byte[] body) throws HttpFault {
        try {
            return ExportLogsServiceRequest.parseFrom(body);
        } catch (InvalidProtocolBufferException e) {
            throw new HttpFault(400, "no ExportLogsServiceRequest: " + e.getMessage());
        }
    }

    /** Keeps what is to be kept; how many records were rejected. */
    private int keep(String database, ResourceLogs logs, Behaviour now) throws IOException, HttpFault {
        List<OtlpRecord> records = OtlpReader.records(logs);
        var lines = new LinkedHashMap<String, String>();
        int rejected = 0;
        for (OtlpRecord record : records) {
            boolean isNamed =
                    now.name() != null && now.name().equals(record.record().name());
            if (isNamed && now.mode() == Behaviour.Mode.POISON) {
                throw new HttpFault(400, "told to refuse records named \"" + now.name() + "\"");
            }
            if (isNamed && now.mode() == Behaviour.Mode.PARTIAL) {
                rejected++;
                continue;
            }
            lines.put(
                    record.id(),
                    RecordLines.line(
                            database, record.delivery(), record.record(), new RecordLines.Place(record.id(), 1, 1)));
        }
        archive.of(database).append(lines);
        return rejected;
    }

    private static void answer(HttpExchange exchange, Behaviour now, int rejected) throws IOException {
        ExportLogsServiceResponse.Builder answer = ExportLogsServiceResponse.newBuilder();
        if (rejected > 0) {
            answer.getPartialSuccessBuilder()
                    .setRejectedLogRecords(rejected)
                    .setErrorMessage("told to refuse records named \"" + now.name() + "\"");
        }
        int status = now.mode() == Behaviour.Mode.STATUS ? now.status() : 200;
        exchange.getResponseHeaders().set("Content-Type", PROTOBUF);
        Answers.send(exchange, status, PROTOBUF, answer.build().toByteArray());
    }
}
