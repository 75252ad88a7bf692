package io.webdnn.importer.keras;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// JSON as Java's own values: `Map`, `List`, `String`, `Long`, `Double`, `Boolean`, null.
final class Json {
    private final JsonParser parser;

    private Json(JsonParser parser) {
        this.parser = parser;
    }

    /// {@return the value that a text holds}
    ///
    /// @throws IOException if it is no JSON
    static @Nullable Object read(String text) throws IOException {
        try (var parser = new JsonFactory().createParser(text)) {
            return new Json(parser).value(parser.nextToken());
        }
    }

    private @Nullable Object value(@Nullable JsonToken token) throws IOException {
        if (token == null) throw new IOException("ends early");
        return switch (token) {
            case START_OBJECT -> object();
            case START_ARRAY -> array();
            case VALUE_STRING -> parser.getText();
            case VALUE_NUMBER_INT -> parser.getLongValue();
            case VALUE_NUMBER_FLOAT -> parser.getDoubleValue();
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            case VALUE_NULL -> null;
            case END_OBJECT, END_ARRAY, FIELD_NAME, NOT_AVAILABLE, VALUE_EMBEDDED_OBJECT ->
                    throw new IOException("a value expected, got " + token);
        };
    }

    private Map<String, @Nullable Object> object() throws IOException {
        var object = new LinkedHashMap<String, @Nullable Object>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            var key = parser.currentName();
            object.put(key, value(parser.nextToken()));
        }
        return object;
    }

    private List<@Nullable Object> array() throws IOException {
        var array = new ArrayList<@Nullable Object>();
        for (var token = parser.nextToken();
                token != JsonToken.END_ARRAY;
                token = parser.nextToken()) {
            array.add(value(token));
        }
        return array;
    }
}
