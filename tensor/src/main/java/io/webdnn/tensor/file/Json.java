package io.webdnn.tensor.file;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// JSON as Java's own values: `Map`, `List`, `String`, `Long`, `Double`, `Boolean`, null.
public final class Json {
    private final JsonParser parser;

    private Json(JsonParser parser) {
        this.parser = parser;
    }

    /// {@return the value that a text holds}
    ///
    /// @throws IOException if it is no JSON
    public static @Nullable Object read(String text) throws IOException {
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

    /// {@return the text of a value; `Integer` may stand for `Long`}
    ///
    /// @throws IllegalArgumentException for a value of another class
    public static String write(@Nullable Object value) {
        var text = new StringWriter();
        try (var generator = new JsonFactory().createGenerator(text)) {
            write(generator, value);
        } catch (IOException e) {
            throw new UncheckedIOException(e); // a StringWriter gives none
        }
        return text.toString();
    }

    private static void write(JsonGenerator generator, @Nullable Object value) throws IOException {
        switch (value) {
            case null -> generator.writeNull();
            case String text -> generator.writeString(text);
            case Boolean truth -> generator.writeBoolean(truth);
            case Integer number -> generator.writeNumber(number);
            case Long number -> generator.writeNumber(number);
            case Double number -> generator.writeNumber(number);
            case List<?> list -> {
                generator.writeStartArray();
                for (var element : list) write(generator, element);
                generator.writeEndArray();
            }
            case Map<?, ?> map -> {
                generator.writeStartObject();
                for (var entry : map.entrySet()) {
                    generator.writeFieldName(String.valueOf(entry.getKey()));
                    write(generator, entry.getValue());
                }
                generator.writeEndObject();
            }
            default -> throw new IllegalArgumentException("Json: no text for " + value.getClass());
        }
    }
}
