package io.webdnn.compiler.emit.glsl;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;

/// Shaders that are the same but for whole numbers, as one shader that gets these numbers as
/// uniforms: a browser takes as long to compile a shader as to draw with it several times.
///
/// The layers of a network often differ in their sizes only, which stand in the text as numbers.
/// What is the same in all of them stays as it is, so that loops over the taps of a window keep
/// their limits. Only decimal literals of type `int` are such numbers, and only where an expression
/// of uniforms may stand.
public final class SharedShaders {
    private static final String PARAMETER = "uniform int p";
    private static final String HEAD = "precision highp int;";
    private static final String MAIN = "void main(){";

    /// A shader and what to call it with.
    ///
    /// @param text the shader
    /// @param numbers the values of its last uniforms, behind the parameters that it had before
    public record Shared(String text, List<Integer> numbers) {
        public Shared {
            numbers = List.copyOf(numbers);
        }
    }

    /// A text between its numbers: `parts` has one element more.
    private record Pieces(List<String> parts, List<Integer> numbers) {}

    private SharedShaders() {}

    /// {@return for each shader the one to take for it}
    ///
    /// @param texts as [GlslEmitter] prints them
    public static Map<String, Shared> of(Collection<String> texts) {
        var alike = new LinkedHashMap<List<String>, Map<String, Pieces>>();
        for (var text : texts) {
            var pieces = pieces(text);
            alike.computeIfAbsent(pieces.parts(), _ -> new LinkedHashMap<>()).put(text, pieces);
        }
        var shared = new LinkedHashMap<String, Shared>();
        for (var group : alike.values()) shared.putAll(share(group));
        return shared;
    }

    private static Map<String, Shared> share(Map<String, Pieces> group) {
        var members = List.copyOf(group.values());
        var first = members.getFirst();
        int known = count(String.join("", first.parts()), PARAMETER);
        // a uniform for each way in which a number goes over the members
        var uniforms = new LinkedHashMap<List<Integer>, Integer>();
        // in the body their copies in variables: a loop would else fetch a uniform each time
        var copied = new TreeSet<Integer>();
        var body = new StringBuilder(first.parts().getFirst());
        for (int i = 0; i < first.numbers().size(); i++) {
            int place = i;
            var values = members.stream().map(m -> m.numbers().get(place)).toList();
            if (values.stream().distinct().count() == 1) {
                body.append(values.getFirst());
            } else {
                int uniform = uniforms.computeIfAbsent(values, _ -> known + uniforms.size());
                boolean isInMain = body.indexOf(MAIN) >= 0;
                if (isInMain) copied.add(uniform);
                body.append(isInMain ? "q" : "p").append(uniform);
            }
            body.append(first.parts().get(i + 1));
        }
        var text = body.toString();
        if (!uniforms.isEmpty())
            text = text.replace(HEAD, HEAD + "uniform int " + list(uniforms.values(), "p%d") + ";");
        if (!copied.isEmpty())
            text = text.replace(MAIN, MAIN + "int " + list(copied, "q%1$d=p%1$d") + ";");
        var shared = new LinkedHashMap<String, Shared>();
        int member = 0;
        for (var source : group.keySet()) {
            int m = member++;
            var numbers = uniforms.keySet().stream().map(values -> values.get(m)).toList();
            shared.put(source, new Shared(text, numbers));
        }
        return shared;
    }

    private static String list(Collection<Integer> numbers, String format) {
        return numbers.stream().map(format::formatted).collect(Collectors.joining(","));
    }

    private static int count(String text, String word) {
        int count = 0;
        for (int at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) count++;
        return count;
    }

    /// Takes a text apart. A sign behind an operator or a parenthesis belongs to its number.
    private static Pieces pieces(String text) {
        var parts = new ArrayList<String>();
        var numbers = new ArrayList<Integer>();
        int from = 0;
        int end;
        int declared = text.lastIndexOf("uniform ");
        for (int at = text.indexOf(';', declared) + 1; at < text.length(); at = end) {
            end = endOfWord(text, at);
            var word = text.substring(at, end);
            if (!word.matches("\\d{1,9}") || isFixed(text, at)) {
                end = Math.max(end, at + 1);
                continue;
            }
            boolean isNegative = text.charAt(at - 1) == '-' && !isOperand(text.charAt(at - 2));
            parts.add(text.substring(from, isNegative ? at - 1 : at));
            numbers.add(isNegative ? -Integer.parseInt(word) : Integer.parseInt(word));
            from = end;
        }
        parts.add(text.substring(from));
        return new Pieces(parts, numbers);
    }

    /// {@return where the name, the literal or the component that begins at a place ends}
    private static int endOfWord(String text, int at) {
        int end = at;
        while (end < text.length() && isWord(text.charAt(end))) end++;
        boolean isFloat = end > at && Character.isDigit(text.charAt(at)) || text.charAt(at) == '.';
        boolean hasSign = text.startsWith("e-", end - 1); // of an exponent
        return isFloat && hasSign ? endOfWord(text, end + 1) : end;
    }

    /// {@return whether a number must stand in the text: the place of an output, the extent of an
    /// array, a place in one}
    private static boolean isFixed(String text, int at) {
        return text.startsWith("location=", at - 9) || text.charAt(at - 1) == '[';
    }

    /// {@return whether a `-` behind this character is a difference}
    private static boolean isOperand(char c) {
        return isWord(c) || c == ')' || c == ']';
    }

    private static boolean isWord(char c) {
        return Character.isLetterOrDigit(c) || c == '_' || c == '.';
    }
}
