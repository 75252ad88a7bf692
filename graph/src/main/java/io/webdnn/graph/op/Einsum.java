package io.webdnn.graph.op;

import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.expr.Index;
import io.webdnn.graph.type.GraphException;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.Dimension;
import io.webdnn.tensor.Shape;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// A sum of products of elements whose indices have letters: `ij,jk->ik` is the matrix product.
///
/// `Output[right side] = Σ Π_n Input_n[its letters]`, the sum being over the letters that the right
/// side lacks. Inputs, Output: one numeric dtype; a letter has one extent (1 broadcasts), a letter
/// that an input has twice takes its diagonal. `...` stands for the axes that no letter names; they
/// broadcast. Without `->`, the right side is `...` and the letters that occur once, by alphabet.
///
/// Source: ONNX Einsum-12.
public record Einsum(String equation) implements Primitive {
    private static final char FIRST_OF_DOTS = '0'; // axes of `...`, from the last: '0', '1' …

    private record Terms(List<String> inputs, String output, Map<Character, Dimension> extents) {
        Dimension extent(char letter) {
            var extent = extents.get(letter);
            if (extent == null) throw new AssertionError(letter);
            return extent;
        }
    }

    private GraphException wrong(String expected, Object actual) {
        return GraphException.of("Einsum", "equation", expected, actual);
    }

    private Terms terms(Operands in) {
        var sides = equation.replace(" ", "").split("->", -1);
        var given = sides[0].split(",", -1);
        if (sides.length > 2 || given.length != in.count())
            throw wrong(in.count() + " terms, at most one ->", "'" + equation + "'");
        var inputs = new ArrayList<String>();
        var extents = new LinkedHashMap<Character, Dimension>();
        int dots = 0;
        for (int i = 0; i < given.length; i++) {
            int rank = in.type(i).rank();
            int unnamed = rank - given[i].replace("...", "").length();
            boolean hasDots = given[i].contains("...");
            if (unnamed < 0 || unnamed > 0 && !hasDots)
                throw wrong("letters for rank " + rank, "'" + given[i] + "'");
            if (hasDots) dots = Math.max(dots, unnamed);
            var letters = spelled(given[i], unnamed);
            for (int d = 0; d < rank; d++) {
                char letter = letters.charAt(d);
                var extent = in.extent(i, d);
                var before = extents.get(letter);
                if (before == null || before.is(1)) extents.put(letter, extent);
                else if (!extent.is(1) && !extent.equals(before))
                    throw wrong(letter + " = " + before, letter + " = " + extent);
            }
            inputs.add(letters);
        }
        var output = spelled(sides.length > 1 ? sides[1] : implied(inputs), dots);
        for (int d = 0; d < output.length(); d++) {
            char letter = output.charAt(d);
            if (!extents.containsKey(letter)
                    || output.indexOf(letter) != output.lastIndexOf(letter))
                throw wrong("letters of the inputs, each once, behind ->", "'" + equation + "'");
        }
        return new Terms(inputs, output, extents);
    }

    /// {@return a term in which `...` has become digits, one for each axis}
    private String spelled(String term, int dots) {
        var digits = new StringBuilder();
        for (int i = dots - 1; i >= 0; i--) digits.append((char) (FIRST_OF_DOTS + i));
        var spelled = term.replace("...", digits);
        var letters = term.replace("...", "");
        if (!letters.chars().allMatch(c -> c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'))
            throw wrong("letters and ...", "'" + equation + "'");
        return spelled;
    }

    private static String implied(List<String> inputs) {
        var times = new TreeMap<Character, Integer>();
        for (var term : inputs)
            for (char letter : term.toCharArray()) times.merge(letter, 1, Integer::sum);
        var output = new StringBuilder("...");
        times.forEach((letter, count) -> {
            if (Character.isLetter(letter) && count == 1) output.append(letter.charValue());
        });
        return output.toString();
    }

    @Override
    public List<TensorType> infer(Operands in) {
        var first = Expect.of(in).alike().numeric().type();
        var terms = terms(in);
        var extents = new ArrayList<Dimension>();
        for (int d = 0; d < terms.output().length(); d++)
            extents.add(terms.extent(terms.output().charAt(d)));
        return List.of(first.with(new Shape(extents)));
    }

    @Override
    public Lowering lower(Operands in) {
        var terms = terms(in);
        return Compute.each(
                infer(in).getFirst(),
                o -> {
                    var indices = new LinkedHashMap<Character, Index>();
                    for (int d = 0; d < o.size(); d++)
                        indices.put(terms.output().charAt(d), o.get(d));
                    var summed = new ArrayList<Index>();
                    terms.extents()
                            .forEach((letter, extent) -> {
                                if (indices.containsKey(letter)) return;
                                var index = new Index("s" + letter, extent);
                                indices.put(letter, index);
                                summed.add(index);
                            });
                    Expr product = null;
                    for (int i = 0; i < in.count(); i++) {
                        var at = new ArrayList<Expr>();
                        var letters = terms.inputs().get(i);
                        for (int d = 0; d < letters.length(); d++) {
                            boolean repeats = in.extent(i, d).is(1);
                            at.add(repeats ? Expr.of(0) : index(indices, letters.charAt(d)));
                        }
                        var factor = in.load(i, at);
                        product = product == null ? factor : product.times(factor);
                    }
                    if (product == null) throw new AssertionError(equation);
                    return summed.isEmpty() ? product : Expr.sum(summed, product);
                });
    }

    private static Index index(Map<Character, Index> indices, char letter) {
        var index = indices.get(letter);
        if (index == null) throw new AssertionError(letter);
        return index;
    }
}
