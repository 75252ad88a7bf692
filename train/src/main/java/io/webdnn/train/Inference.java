package io.webdnn.train;

import io.webdnn.graph.Value;
import io.webdnn.graph.type.GraphException;
import io.webdnn.graph.type.TensorType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Types of the outputs of functions, remembered, since every step of a loop asks again.
final class Inference {
    private static final int BOUND = 4096;
    private static final Map<Question, List<TensorType>> ANSWERS = new LinkedHashMap<>();

    private Inference() {}

    private record Question(Function function, List<TensorType> inputs) {}

    /// {@return the types of a function's outputs}
    ///
    /// @throws GraphException if the inputs do not fit; names the link and the user's line
    static List<TensorType> of(Function function, String label, List<Variable> inputs) {
        var types = new TensorType[inputs.size()];
        for (int i = 0; i < types.length; i++) types[i] = inputs.get(i).type();
        var question = new Question(function, List.of(types));
        synchronized (ANSWERS) {
            var known = ANSWERS.get(question);
            if (known != null) return known;
            var answer = infer(question, label);
            if (ANSWERS.size() >= BOUND) ANSWERS.clear();
            ANSWERS.put(question, answer);
            return answer;
        }
    }

    private static List<TensorType> infer(Question question, String label) {
        var values = new ArrayList<Value>();
        for (var type : question.inputs) values.add(Value.input("x" + values.size(), type));
        try {
            var answer = new ArrayList<TensorType>();
            for (var output : question.function.build(new LabelledOperators(""), values))
                answer.add(output.type());
            return List.copyOf(answer);
        } catch (GraphException e) {
            var line = UserLine.find();
            var place =
                    (label.isEmpty() ? "" : "'" + label + "' ")
                            + (line.isEmpty() ? "" : "(" + line + ")");
            throw place.isEmpty() ? e : e.at(place.strip());
        }
    }
}
