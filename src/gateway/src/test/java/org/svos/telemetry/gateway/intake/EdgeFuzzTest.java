package org.svos.telemetry.gateway.intake;

import com.code_intelligence.jazzer.junit.DictionaryFile;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whatever bytes come over a connection, what comes back is of the contract, comes in time, and nothing stays behind. Inputs
 * are requests as {@link RequestTemplate} has them.
 */
class EdgeFuzzTest {

    @TempDir
    private static Path data;

    private static @Nullable FuzzedEdge edge;

    @AfterAll
    static void nothingStaysBehind() throws Exception {
        try (FuzzedEdge last = edge) {
            if (last != null) {
                last.checkNothingStayedBehind();
            }
        }
    }

    @DictionaryFile(resourcePath = "edge.dict")
    @FuzzTest
    void whateverComesIsAnsweredByTheContractOrCutOff(byte[] input) throws Exception {
        edge().send(input);
    }

    /** Started with the first input: only then is the fuzzer there to see what the gateway's classes do. */
    private static FuzzedEdge edge() throws Exception {
        FuzzedEdge running = edge;
        if (running == null) {
            running = FuzzedEdge.start(data);
            edge = running;
        }
        return running;
    }
}
