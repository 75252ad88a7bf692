package io.webdnn.verify.shader;

import static org.assertj.core.api.Assertions.assertThat;

import io.webdnn.verify.browser.Chromium;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// Every term and statement of the loop IR in WGSL and in GLSL, run by Chromium.
class ShaderTest {
    @TestFactory
    Stream<DynamicTest> operators() throws Exception {
        return tests(OperatorSuite.cases());
    }

    @TestFactory
    Stream<DynamicTest> statements() throws Exception {
        return tests(StatementSuite.cases());
    }

    private static Stream<DynamicTest> tests(List<ShaderCase> cases) throws Exception {
        Assumptions.assumeTrue(
                Chromium.find().isPresent(), "no Chromium found: install one, or set CHROME_PATH");
        var differences = ShaderPage.run(cases); // all in one page: starting one takes longest
        var tests = new ArrayList<DynamicTest>();
        for (int i = 0; i < cases.size(); i++) {
            var found = differences.get(i);
            tests.add(
                    DynamicTest.dynamicTest(
                            cases.get(i).name(), () -> assertThat(found).isEmpty()));
        }
        return tests.stream();
    }
}
