package org.svos.telemetry.acceptance.chart;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The chart's README says of each value what values.yaml says. */
class ChartReadmeTest {

    @Test
    void itIsMadeOfTheValuesThereAre() throws Exception {
        assertThat(Chart.read(Chart.FOLDER.resolve("README.md")))
                .as("run helm/make-readme")
                .isEqualTo(made());
    }

    /** Each value of the schema, as far as the chart names its parts. */
    @Test
    void itHasARowForEachValue() {
        String values = Chart.read(Chart.FOLDER.resolve("values.yaml"));
        long described =
                values.lines().filter(line -> line.strip().startsWith("# -- ")).count();
        Set<String> rows = Pattern.compile("(?m)^\\| `([A-Za-z.]+)` \\|")
                .matcher(Chart.read(Chart.FOLDER.resolve("README.md")))
                .results()
                .map(row -> row.group(1))
                .collect(Collectors.toCollection(TreeSet::new));

        assertThat(rows).hasSize((int) described).contains("gateway.lanternRock.url", "host.sysAdmin");
    }

    private static String made() throws IOException, InterruptedException {
        Process make = new ProcessBuilder(Chart.TREE.resolve("helm/make-readme").toString(), "--print")
                .redirectErrorStream(true)
                .start();
        String text = new String(make.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(make.waitFor()).as(text).isZero();
        return text;
    }
}
