package io.webdnn.compiler.emit.glsl;

import static org.assertj.core.api.Assertions.assertThat;

import io.webdnn.compiler.emit.glsl.SharedShaders.Shared;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class SharedShadersTest {
    private static final String HEAD =
            "#version 300 es\nprecision highp float;precision highp int;";
    private static final String DECLARED =
            "uniform highp sampler2D t0;layout(location=0)out vec4 o1;";

    private static String shader(String declared, String body) {
        return HEAD + declared + "void main(){" + body + "}";
    }

    private static Shared shared(List<String> texts, int index) {
        return Objects.requireNonNull(SharedShaders.of(texts).get(texts.get(index)));
    }

    @Test
    void numbersInWhichShadersDifferBecomeUniforms() {
        var texts =
                List.of(
                        shader(DECLARED, "int a=b%7;int c=a*9+-57+7;for(int i=0;i<3;i++)c+=7;"),
                        shader(DECLARED, "int a=b%4;int c=a*8+-33+4;for(int i=0;i<3;i++)c+=4;"),
                        shader(DECLARED, "int a=b%4;int c=a*9+57+4;for(int i=0;i<3;i++)c+=4;"));
        var text =
                HEAD
                        + "uniform int p0,p1,p2;"
                        + DECLARED
                        + "void main(){int q0=p0,q1=p1,q2=p2;int a=b%q0;int c=a*q1+q2+q0;for(int"
                        + " i=0;i<3;i++)c+=q0;}";
        assertThat(shared(texts, 0)).isEqualTo(new Shared(text, List.of(7, 9, -57)));
        assertThat(shared(texts, 1)).isEqualTo(new Shared(text, List.of(4, 8, -33)));
        assertThat(shared(texts, 2)).isEqualTo(new Shared(text, List.of(4, 9, 57)));
    }

    @Test
    void theyStandBehindTheParametersThatAShaderHas() {
        var declared = DECLARED + "uniform int p0;uniform int p1;";
        var texts = List.of(shader(declared, "a=p1-5;"), shader(declared, "a=p1-6;"));
        assertThat(shared(texts, 1))
                .isEqualTo(
                        new Shared(
                                HEAD
                                        + "uniform int p2;"
                                        + declared
                                        + "void main(){int q2=p2;a=p1-q2;}",
                                List.of(6)));
    }

    @Test
    void aShaderAloneStaysAsItIs() {
        var text = shader(DECLARED, "int a=b%7;");
        assertThat(shared(List.of(text, shader(DECLARED, "int a=b*7;")), 0))
                .isEqualTo(new Shared(text, List.of()));
    }

    @Test
    void shadersThatDifferInAnythingElseAreNotShared() {
        for (var difference :
                List.of(
                        "a=5.;|a=6.;", // a float
                        "a=1.5e-7;|a=1.5e-8;",
                        "a=2.e7;|a=2.e8;",
                        "a=.5;|a=.25;",
                        "a=5u;|a=6u;", // of another type
                        "a=v26;|a=v27;", // a name
                        "vec4 a[5];|vec4 a[6];", // an extent
                        "a=b[1];|a=b[2];", // a component
                        "o3_0=a;|o3_1=a;")) {
            var bodies = difference.split("\\|", -1);
            var texts = List.of(shader(DECLARED, bodies[0]), shader(DECLARED, bodies[1]));
            assertThat(shared(texts, 0).text()).as(difference).isEqualTo(texts.get(0));
            assertThat(shared(texts, 1).text()).as(difference).isEqualTo(texts.get(1));
        }
        var texts =
                List.of(
                        HEAD + "layout(location=0)out vec4 o;void main(){}",
                        HEAD + "layout(location=1)out vec4 o;void main(){}");
        assertThat(shared(texts, 1).text()).isEqualTo(texts.get(1));
    }
}
