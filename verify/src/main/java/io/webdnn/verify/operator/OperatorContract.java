package io.webdnn.verify.operator;

import io.webdnn.graph.Graph;
import io.webdnn.graph.Value;
import io.webdnn.graph.op.Op;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Makes the cases of one operator from named lists of inputs and an oracle.
final class OperatorContract {
    /// What the operator must give, computed in double from the formula, not from the lowering.
    @FunctionalInterface
    interface Oracle {
        /// {@return the outputs}
        ///
        /// @param in the inputs, null for absent ones
        List<Grid> of(List<@Nullable Grid> in);
    }

    private final Op op;
    private final LinkedHashMap<String, List<Given>> inputs = new LinkedHashMap<>();

    private OperatorContract(Op op) {
        this.op = op;
    }

    static OperatorContract of(Op op) {
        return new OperatorContract(op);
    }

    /// Adds a list of inputs. If some of them have symbols, it becomes two cases: one in which all
    /// extents are fixed, one with the symbols.
    OperatorContract inputs(String what, Given... given) {
        if (inputs.put(what, List.of(given)) != null)
            throw new IllegalArgumentException(op + ": two cases are called '" + what + "'");
        return this;
    }

    /// {@return the cases, for an oracle of one output}
    Stream<OperatorCase> oracle(java.util.function.Function<List<Grid>, Grid> oracle) {
        return oracles(
                in -> List.of(oracle.apply(in.stream().map(OperatorContract::given).toList())));
    }

    private static Grid given(@Nullable Grid grid) {
        if (grid == null)
            throw new IllegalArgumentException("an oracle for all inputs, one is absent");
        return grid;
    }

    /// {@return the cases}
    Stream<OperatorCase> oracles(Oracle oracle) {
        var cases = new ArrayList<OperatorCase>();
        inputs.forEach((what, given) -> {
            cases.add(make(op + ": " + what, given, false, oracle));
            if (given.stream().anyMatch(g -> !g.symbols().isEmpty()))
                cases.add(make(op + ": " + what + ", symbolic", given, true, oracle));
        });
        return cases.stream();
    }

    private OperatorCase make(String name, List<Given> given, boolean symbolic, Oracle oracle) {
        var builder = Graph.builder();
        var values = new ArrayList<Value>();
        var bound = new ArrayList<Tensor>();
        var grids = new ArrayList<@Nullable Grid>();
        for (int i = 0; i < given.size(); i++) {
            var tensor = given.get(i).tensor().apply(i);
            if (tensor == null) {
                values.add(Value.ABSENT);
                grids.add(null);
                continue;
            }
            grids.add(Grid.of(tensor));
            if (given.get(i).isConstant()) {
                values.add(builder.constant("x" + i, tensor));
                continue;
            }
            var type = new TensorType(tensor.dtype(), given.get(i).shape(tensor, symbolic));
            values.add(builder.input("x" + i, type));
            bound.add(tensor);
        }
        var outputs = new LinkedHashMap<String, Value>();
        for (var output : builder.applyAll(op, "", values))
            outputs.put("y" + outputs.size(), output);
        var expected = oracle.of(grids).stream().map(Grid::toTensor).toList();
        var types = grids.stream().map(grid -> grid == null ? "-" : grid.toString()).toList();
        return new OperatorCase(name + " " + types, op, builder.build(outputs), bound, expected);
    }
}
