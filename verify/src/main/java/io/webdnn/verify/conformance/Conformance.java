package io.webdnn.verify.conformance;

import io.webdnn.compiler.CompileException;
import io.webdnn.graph.Graph;
import io.webdnn.graph.type.GraphException;
import io.webdnn.importer.onnx.OnnxImporter;
import io.webdnn.tensor.Tensor;
import io.webdnn.verify.conformance.Result.Outcome;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/// Runs cases on targets.
///
/// A case passes if every output of every data set is as expected; it is unsupported if the
/// importer or the target says, with a reason, that it does not take such a model; anything else is
/// a failure.
public final class Conformance {
    private final Exclusions exclusions;

    /// @param exclusions cases that are known not to hold
    public Conformance(Exclusions exclusions) {
        this.exclusions = exclusions;
    }

    /// {@return the results, case by case and target by target}
    ///
    /// @param each is told of each result as soon as it is there
    public List<Result> run(
            List<ConformanceCase> cases, List<Target> targets, Consumer<Result> each) {
        var results = new ArrayList<Result>();
        for (var target : targets) {
            for (var one : cases) {
                var result = run(one, target);
                each.accept(result);
                results.add(result);
            }
        }
        return results;
    }

    private Result run(ConformanceCase one, Target target) {
        var result = attempt(one, target);
        var reason = exclusions.reason(target.name(), one.name());
        if (reason == null) return result;
        return result.outcome() == Outcome.PASS
                ? new Result(
                        one.name(),
                        target.name(),
                        Outcome.FAIL,
                        "passes, but is excluded: remove its line (" + reason + ")")
                : new Result(one.name(), target.name(), Outcome.UNSUPPORTED, "excluded: " + reason);
    }

    private static Result attempt(ConformanceCase one, Target target) {
        for (var dataSet : one.dataSets()) {
            var result = attempt(one, dataSet, target);
            if (result.outcome() != Outcome.PASS) return result;
        }
        return one.dataSets().isEmpty()
                ? new Result(
                        one.name(), target.name(), Outcome.FAIL, "no test_data_set_* and no ref/*")
                : new Result(one.name(), target.name(), Outcome.PASS, "");
    }

    private static Result attempt(ConformanceCase one, DataSet dataSet, Target target) {
        var fail = new Ending(one, target, Outcome.FAIL);
        var unsupported = new Ending(one, target, Outcome.UNSUPPORTED);
        Map<String, Tensor> inputs;
        List<Tensor> expected;
        Graph graph;
        Target.Program compiled;
        try {
            var importer = OnnxImporter.read(one.model());
            inputs = dataSet.inputs(importer);
            graph = dataSet.graph(importer, inputs);
            expected = dataSet.outputs(importer, graph);
            if (expected.size() != graph.outputs().size())
                return fail.saying(expected.size() + " outputs for " + graph.outputs().size());
            compiled = target.compile(graph);
        } catch (GraphException | CompileException e) {
            return unsupported.saying(String.valueOf(e.getMessage()));
        } catch (Exception | StackOverflowError e) {
            return fail.saying("compiling: " + e);
        }
        try {
            var given = new ArrayList<Tensor>();
            for (var input : graph.inputs()) given.add(get(inputs, input.name()));
            var actual = compiled.run(given);
            var tolerance = dataSet.tolerance(graph, target.tolerance());
            for (int i = 0; i < expected.size(); i++) {
                var wrong = tolerance.compare(expected.get(i), actual.get(i));
                if (wrong != null) return fail.saying("output " + i + ": " + wrong);
            }
            return new Ending(one, target, Outcome.PASS).saying("");
        } catch (Exception | StackOverflowError e) {
            return fail.saying("running: " + e);
        }
    }

    private static Tensor get(Map<String, Tensor> inputs, String name) {
        var tensor = inputs.get(name);
        if (tensor == null) throw new IllegalStateException("no file for input '" + name + "'");
        return tensor;
    }

    private record Ending(ConformanceCase one, Target target, Outcome outcome) {
        Result saying(String detail) {
            return new Result(one.name(), target.name(), outcome, detail);
        }
    }

    /// {@return how often each outcome occurs on a target}
    public static Map<Outcome, Integer> count(List<Result> results, String target) {
        var counts = new HashMap<Outcome, Integer>();
        for (var outcome : Outcome.values()) counts.put(outcome, 0);
        for (var result : results)
            if (result.target().equals(target)) counts.merge(result.outcome(), 1, Integer::sum);
        return counts;
    }
}
