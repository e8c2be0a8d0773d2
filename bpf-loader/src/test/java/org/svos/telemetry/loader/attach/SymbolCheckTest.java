package org.svos.telemetry.loader.attach;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.svos.telemetry.loader.record.Hook;

/** The check that ends every build of the kernel's modules, on objects as a compiler could have made them. */
class SymbolCheckTest {

    private static final Path CHECK = Path.of("kernel/check-symbols").toAbsolutePath();

    @TempDir
    Path folder;

    private record Check(int exitCode, String said) {}

    @BeforeEach
    void lookLikeABuild() throws IOException {
        Files.createDirectories(folder.resolve("telemetry"));
        Files.createDirectories(folder.resolve("example"));
    }

    private static String definitions() {
        return Hook.ALL.stream()
                .map(hook ->
                        "void %s(const char *id) { asm volatile(\"\" : : \"r\" (id)); }%n".formatted(hook.function()))
                .collect(Collectors.joining());
    }

    private static String calls() {
        return Hook.ALL.stream()
                .map(hook ->
                        "void %1$s(const char *id);%nvoid call_%1$s(void) { %1$s(\"\"); }%n".formatted(hook.function()))
                .collect(Collectors.joining());
    }

    private Check check(String hooks, String caller) throws Exception {
        compile(hooks, "telemetry/telemetry");
        compile(caller, "example/telemetry_example");
        return run(CHECK.toString(), folder.toString());
    }

    private void compile(String source, String module) throws Exception {
        Path file = Files.writeString(folder.resolve(module + ".c"), source);
        Check compiled = run(
                "cc",
                "-O2",
                "-w",
                "-c",
                file.toString(),
                "-o",
                folder.resolve(module + ".ko").toString());
        assertThat(compiled.exitCode()).as(compiled.said()).isZero();
    }

    private Check run(String... command) throws Exception {
        Path output = folder.resolve("output");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        return new Check(process.waitFor(), Files.readString(output));
    }

    @Test
    void fiveFunctionsThatAreAllCalledPass() throws Exception {
        Check check = check(definitions(), calls());

        assertThat(check.exitCode()).as(check.said()).isZero();
        assertThat(check.said()).contains("five functions, five addresses, all called");
    }

    @Test
    void twoFunctionsFoldedIntoOneAreNoticed() throws Exception {
        String folded = definitions().replaceFirst("void unregister_telemetry.*", "")
                + "void unregister_telemetry(const char *id) __attribute__((alias(\"session_end\")));\n";

        Check check = check(folded, calls());

        assertThat(check.exitCode()).isEqualTo(1);
        assertThat(check.said()).contains("five functions have 4 addresses");
    }

    @Test
    void aCloneIsNoticed() throws Exception {
        String cloned =
                definitions() + "void clone(void) __asm__(\"session_begin.constprop.0\");\nvoid clone(void) {}\n";

        Check check = check(cloned, calls());

        assertThat(check.exitCode()).isEqualTo(1);
        assertThat(check.said()).contains("session_begin was cloned");
    }

    @Test
    void aFunctionThatIsNotThereForOthersIsNoticed() throws Exception {
        String hidden =
                definitions().replace("void telemetry_msg(", "static __attribute__((used)) void telemetry_msg(");

        Check check = check(hidden, calls());

        assertThat(check.exitCode()).isEqualTo(1);
        assertThat(check.said()).contains("telemetry_msg is no global function");
    }

    @Test
    void aCallThatWasDroppedIsNoticed() throws Exception {
        Check check = check(definitions(), calls().replace("{ session_end(\"\"); }", "{ }"));

        assertThat(check.exitCode()).isEqualTo(1);
        assertThat(check.said()).contains("does not call session_end").doesNotContain("does not call session_begin");
    }
}
