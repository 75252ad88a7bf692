package user;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.webdnn.train.F;
import io.webdnn.train.Variable;
import io.webdnn.train.link.Convolution2D;
import io.webdnn.train.link.Linear;
import org.junit.jupiter.api.Test;

/// A user's package: messages name its lines.
class ErrorLineTest {
    private final Variable x = new Variable(new float[12], 1, 3, 2, 2);

    @Test
    void aFunctionNamesTheUsersLine() {
        assertThatThrownBy(() -> F.add(x, new Variable(new float[3], 3)))
                .hasMessageMatching("Add \\(ErrorLineTest.java:\\d+\\): .*");
    }

    @Test
    void aLinkNamesItselfToo() {
        var linear = new Net().linear;
        linear.call(x);
        assertThatThrownBy(() -> linear.call(new Variable(new float[4], 1, 4)))
                .hasMessageMatching(
                        "Linear 'l1' \\(ErrorLineTest.java:\\d+\\): x: expected \\[N, ...\\] with"
                                + " 12 elements per example, got \\[1, 4\\]");
    }

    @Test
    void convolutionsNameTheirWeights() {
        var convolution = new Convolution2D(4, 2);
        convolution.call(x);
        assertThatThrownBy(() -> convolution.call(new Variable(new float[16], 1, 1, 4, 4)))
                .hasMessageMatching("Conv \\(ErrorLineTest.java:\\d+\\): W: expected .*");
        assertThatThrownBy(() -> convolution.call(new Variable(new float[3], 1, 3, 1, 1)))
                .hasMessageMatching("Conv \\(ErrorLineTest.java:\\d+\\): X: expected .*");
    }

    static final class Net extends io.webdnn.train.Chain {
        final Linear linear = link("l1", new Linear(2));
    }
}
