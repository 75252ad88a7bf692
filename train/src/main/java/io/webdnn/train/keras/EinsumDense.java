package io.webdnn.train.keras;

import io.webdnn.graph.op.Einsum;
import io.webdnn.train.F;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A dense layer whose sums are written with letters: `activation(einsum(equation, x, kernel) +
/// bias)`.
///
/// ```java
/// new EinsumDense("abc,cd->abd", 5, 8).biasAxes("d")    // as Dense(8) on [N, 5, C]
/// new EinsumDense("...x,xy->...y", 8).biasAxes("y")     // on inputs of any rank
/// ```
///
/// Weights: `kernel` with the extents of its letters; `bias`, if axes of it were said, with those
/// of its letters, 1 between them. Source: Keras 2.4.
public final class EinsumDense extends WeightedLayer<EinsumDense> {
    private static final String DOTS = "...";

    private final String equation;
    private final List<String> terms;
    private final int[] said;
    private String biasAxes = "";

    /// @param equation `input,kernel->output`, the first letter of input and output being the
    ///   batch's, or `...` standing for it and what else is the same on both sides
    /// @param outputShape the shape of an example's result, −1 where the input decides; with `...`
    ///   only of the axes that have letters
    public EinsumDense(String equation, int... outputShape) {
        this.equation = equation.replace(" ", "");
        this.terms = List.of(this.equation.split("->|,", -1));
        this.said = outputShape.clone();
        boolean fits =
                terms.size() == 3
                        && this.equation.matches(
                                "(\\.\\.\\.)?[a-zA-Z]*,[a-zA-Z]+->(\\.\\.\\.)?[a-zA-Z]*")
                        && terms.get(0).startsWith(DOTS) == terms.get(2).startsWith(DOTS)
                        && (hasDots()
                                || !terms.get(0).isEmpty()
                                        && terms.get(2).startsWith(terms.get(0).substring(0, 1)));
        if (!fits)
            throw wrong(
                    "equation",
                    "input,kernel->output with the batch first, such as abc,cd->abd",
                    equation);
        int letters = letters(terms.get(2)).length();
        if (said.length != letters)
            throw wrong("output shape", letters + " extents", Arrays.toString(said));
    }

    private boolean hasDots() {
        return terms.get(0).startsWith(DOTS);
    }

    /// {@return the letters of a term behind the batch or the dots}
    private String letters(String term) {
        return term.substring(hasDots() ? DOTS.length() : 1);
    }

    /// Sets along which letters of the result there is a bias; none at first.
    public EinsumDense biasAxes(String letters) {
        expectNotBuilt("bias axes");
        for (char letter : letters.toCharArray())
            if (letters(terms.get(2)).indexOf(letter) < 0)
                throw wrong("bias axes", "letters of " + letters(terms.get(2)), letters);
        biasAxes = letters;
        return this;
    }

    /// {@return what each letter stands for}
    private Map<Character, Integer> extents(int[] input) {
        var letters = letters(terms.get(0));
        int unnamed = input.length - letters.length();
        if (hasDots() ? unnamed < 0 : unnamed != 0)
            throw wrong("input", "axes as in " + terms.get(0), Arrays.toString(input));
        var extents = new HashMap<Character, Integer>();
        for (int i = 0; i < letters.length(); i++) {
            var before = extents.put(letters.charAt(i), input[unnamed + i]);
            if (before != null && before != input[unnamed + i])
                throw wrong("input", letters.charAt(i) + " = " + before, Arrays.toString(input));
        }
        var results = letters(terms.get(2));
        for (int i = 0; i < results.length(); i++) {
            var known = extents.get(results.charAt(i));
            if (known == null) {
                extents.put(results.charAt(i), positive("output shape", said[i]));
            } else if (said[i] != -1 && said[i] != known) {
                throw wrong(
                        "output shape", results.charAt(i) + " = " + known, Arrays.toString(said));
            }
        }
        for (char letter : terms.get(1).toCharArray())
            if (!extents.containsKey(letter))
                throw wrong("equation", "letters of the kernel that input or output has", equation);
        return extents;
    }

    private static int[] shape(String letters, Map<Character, Integer> extents) {
        return letters.chars().map(letter -> extents.getOrDefault((char) letter, 1)).toArray();
    }

    @Override
    int[] outputShape(int[] input) {
        var extents = extents(input);
        int[] kernelShape = shape(terms.get(1), extents);
        if (isBuilt() && !Arrays.equals(kernelShape, kernel().shape().toInts()))
            throw wrong("input", "one for a kernel " + kernel().shape(), Arrays.toString(input));
        var output = new ArrayList<Integer>();
        int unnamed = input.length - letters(terms.get(0)).length();
        // the batch is among what dots stand for
        for (int d = 0; d < unnamed; d++) output.add(input[d]);
        for (int extent : shape(letters(terms.get(2)), extents)) output.add(extent);
        return output.stream().mapToInt(Integer::intValue).toArray();
    }

    @Override
    void build(int[] input) {
        var extents = extents(input);
        makeKernel(List.of(), shape(terms.get(1), extents));
        if (biasAxes.isEmpty()) return;
        var letters = letters(terms.get(2));
        int first = letters.length();
        for (char letter : biasAxes.toCharArray()) first = Math.min(first, letters.indexOf(letter));
        extents.keySet().removeIf(letter -> biasAxes.indexOf(letter) < 0);
        makeBias(shape(letters.substring(first), extents));
    }

    @Override
    Signal apply(Signal x) {
        var y = F.apply(new Einsum(equation), x.channelsLast(), kernel());
        var bias = bias();
        return activated(Signal.of(bias == null ? y : y.plus(bias)));
    }

    @Override
    void describe(Map<String, @Nullable Object> config) {
        var shape = new ArrayList<@Nullable Integer>();
        for (int extent : said) shape.add(extent < 0 ? null : extent);
        config.put("output_shape", shape);
        config.put("equation", equation);
        describeWeights(config);
        // Keras's constructor takes no use_bias
        boolean none = Boolean.FALSE.equals(config.remove("use_bias")) || biasAxes.isEmpty();
        config.put("bias_axes", none ? null : biasAxes);
    }

    @Override
    void read(Settings settings) {
        biasAxes(settings.text("bias_axes", ""));
        super.read(settings);
    }
}
