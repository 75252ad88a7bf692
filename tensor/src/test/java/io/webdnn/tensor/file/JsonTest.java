package io.webdnn.tensor.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import org.junit.jupiter.api.Test;

class JsonTest {
    @Test
    void whatIsReadIsWritten() throws IOException {
        var text = "{\"a\":[1,2.5,true,null,{\"b\":\"c\\n\"}],\"d\":{}}";
        assertThat(Json.write(Json.read(text))).isEqualTo(text);
        assertThatThrownBy(() -> Json.read("{\"a\":")).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> Json.read("")).hasMessage("ends early");
        assertThatThrownBy(() -> Json.write(1f))
                .hasMessage("Json: no text for class java.lang.Float");
    }
}
