package org.svos.telemetry.gateway.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.svos.telemetry.gateway.settings.DataFolder;
import org.svos.telemetry.gateway.settings.SettingFault;

@ExtendWith(OutputCaptureExtension.class)
class AdminTokenTest {

    @TempDir
    Path folder;

    private DataFolder data;
    private Path file;

    @BeforeEach
    void open() {
        data = DataFolder.open(folder);
        file = data.path().resolve("admin-token");
    }

    @Test
    void theFirstStartMakesOneThatItsOwnerAloneCanRead(CapturedOutput output) throws IOException {
        String token = AdminToken.of("", data);

        assertThat(token).matches("kt_[A-Za-z0-9_-]{43}");
        assertThat(Files.readString(file)).isEqualTo(token + "\n");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        assertThat(output).doesNotContain(token);
    }

    @Test
    void laterStartsTakeTheSame() {
        assertThat(AdminToken.of("", data)).isEqualTo(AdminToken.of("", data));
    }

    @Test
    void theSettingGoesFirstAndLeavesNoFile(CapturedOutput output) {
        assertThat(AdminToken.of("a-token-from-the-environment", data)).isEqualTo("a-token-from-the-environment");
        assertThat(file).doesNotExist();
        assertThat(output).doesNotContain("a-token-from-the-environment");
    }

    @Test
    void aFileThatOthersCanReadIsToldOf(CapturedOutput output) throws IOException {
        AdminToken.of("", data);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));

        AdminToken.of("", data);

        assertThat(output).contains("chmod 600");
    }

    @Test
    void aHalfWrittenFileOfACrashIsNoTrouble() throws IOException {
        Files.writeString(folder.resolve("admin-token.new"), "kt_ha");

        assertThat(AdminToken.of("", data)).hasSize(46);
    }

    @Test
    void whatIsNoTokenIsRefusedWithoutTellingIt() throws IOException {
        Files.writeString(file, "not a token\n");

        assertThatThrownBy(() -> AdminToken.of("", data))
                .isInstanceOf(SettingFault.class)
                .hasMessageContaining(file.toString())
                .hasMessageNotContaining("not a token");
    }
}
