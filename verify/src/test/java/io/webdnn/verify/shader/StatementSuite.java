package io.webdnn.verify.shader;

import static io.webdnn.compiler.loop.Build.add;
import static io.webdnn.compiler.loop.Build.constant;
import static io.webdnn.compiler.loop.Build.less;
import static io.webdnn.compiler.loop.Build.multiply;
import static io.webdnn.verify.shader.ShaderCase.Expected.exactly;

import io.webdnn.compiler.loop.Grid;
import io.webdnn.compiler.loop.Kernel;
import io.webdnn.compiler.loop.KernelBuffer;
import io.webdnn.compiler.loop.LocalArray;
import io.webdnn.compiler.loop.LoopType;
import io.webdnn.compiler.loop.ScalarType;
import io.webdnn.compiler.loop.Stmt;
import io.webdnn.compiler.loop.Term;
import io.webdnn.graph.expr.Binary;
import io.webdnn.tensor.Dimension;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;

/// Every statement of the loop IR, and terms that are no operator, in small kernels.
final class StatementSuite {
    private static final Term GLOBAL = new Term.GridIndex(Term.GridIndex.Scope.GLOBAL, 0);

    private final List<ShaderCase> cases = new ArrayList<>();

    static List<ShaderCase> cases() {
        var suite = new StatementSuite();
        suite.loops();
        suite.arrays();
        suite.grids();
        suite.cases.addAll(TextureSuite.cases());
        return suite.cases;
    }

    static double[] values(int n, IntToDoubleFunction value) {
        return IntStream.range(0, n).mapToDouble(value).toArray();
    }

    private static KernelBuffer buffer(
            String name, ScalarType type, int lanes, KernelBuffer.Access access) {
        return new KernelBuffer(name, type, lanes, access);
    }

    private static Term.Variable variable(String name, LoopType type) {
        return new Term.Variable(name, type);
    }

    private static Stmt.Block block(Stmt... statements) {
        return Stmt.Block.of(statements);
    }

    private static Stmt.For loop(
            Term.Variable index, Term extent, Stmt.For.Kind kind, Stmt... body) {
        return new Stmt.For(index, extent, kind, block(body));
    }

    private static Term equal(Term a, Term b) {
        return new Term.Combine(Binary.Operator.EQUAL, a, b);
    }

    /// An invocation per element on WebGPU; on WebGL per texel, whose lanes are four elements.
    private interface Body {
        /// {@return the value of element `i`; statements that it needs go into `into`}
        Term value(Term i, List<Stmt> into);
    }

    private void each(
            String name,
            ScalarType type,
            int n,
            List<Dimension> parameters,
            List<Integer> sizes,
            List<LocalArray> arrays,
            Body body,
            IntToDoubleFunction oracle) {
        var expected = List.of(exactly(values(n, oracle)));
        var scalar = buffer("y", type, 1, KernelBuffer.Access.WRITE);
        var statements = new ArrayList<Stmt>();
        var value = body.value(GLOBAL, statements);
        statements.add(
                new Stmt.If(
                        less(GLOBAL, constant(n)),
                        block(new Stmt.Store(scalar, GLOBAL, value)),
                        block()));
        test(
                name,
                "webgpu",
                new Kernel(
                        "k",
                        "test",
                        List.of(scalar),
                        parameters,
                        arrays,
                        Grid.linear(Dimension.of(n), 32),
                        new Stmt.Block(statements)),
                List.of(new int[n]),
                sizes,
                expected);
        var texels = buffer("y", type, 4, KernelBuffer.Access.WRITE);
        var into = new ArrayList<Stmt>();
        var lanes = new ArrayList<Term>();
        for (int l = 0; l < 4; l++) {
            var lane = variable("lane", LoopType.of(type));
            into.add(new Stmt.Declare(lane, body.value(add(multiply(GLOBAL, 4), l), into)));
            lanes.add(lane);
        }
        into.add(new Stmt.Store(texels, GLOBAL, new Term.Vector(lanes)));
        int padded = (n + 3) / 4 * 4;
        test(
                name,
                "webgl",
                new Kernel(
                        "k",
                        "test",
                        List.of(texels),
                        parameters,
                        arrays,
                        Grid.linear(Dimension.of(padded / 4), 1),
                        new Stmt.Block(into)),
                List.of(new int[padded]),
                sizes,
                expected);
    }

    private void test(
            String name,
            String target,
            Kernel kernel,
            List<int[]> contents,
            List<Integer> sizes,
            List<ShaderCase.Expected> expected) {
        cases.add(new ShaderCase(name + " " + target, target, kernel, contents, sizes, expected));
    }

    private void loops() {
        var n = Dimension.symbol("N");
        var m = Dimension.symbol("M");
        for (var kind : List.of(Stmt.For.Kind.SERIAL, Stmt.For.Kind.UNROLLED)) {
            each(
                    "nested loops " + kind,
                    ScalarType.INT32,
                    70,
                    List.of(),
                    List.of(),
                    List.of(),
                    (i, into) -> {
                        var sum = variable("sum", LoopType.INT32);
                        var a = variable("a", LoopType.INT32);
                        var b = variable("b", LoopType.INT32);
                        var t = variable("t", LoopType.INT32);
                        into.add(new Stmt.Declare(sum, constant(0)));
                        into.add(
                                loop(
                                        a,
                                        constant(3),
                                        kind,
                                        loop(
                                                b,
                                                constant(2),
                                                kind,
                                                // partly invariant in each loop
                                                new Stmt.Declare(
                                                        t,
                                                        add(
                                                                add(multiply(i, 5), multiply(b, 7)),
                                                                add(multiply(a, 11), -3))),
                                                new Stmt.Assign(sum, add(sum, t)))));
                        return sum;
                    },
                    i -> {
                        int sum = 0;
                        for (int a = 0; a < 3; a++)
                            for (int b = 0; b < 2; b++) sum += 5 * i + 7 * b + 11 * a - 3;
                        return sum;
                    });
        }
        each(
                "extents are parameters",
                ScalarType.INT32,
                40,
                List.of(n, m),
                List.of(5, 3),
                List.of(),
                (i, into) -> {
                    var sum = variable("sum", LoopType.INT32);
                    var a = variable("a", LoopType.INT32);
                    into.add(new Stmt.Declare(sum, constant(0)));
                    into.add(
                            loop(
                                    a,
                                    add(new Term.Parameter(n), i),
                                    Stmt.For.Kind.SERIAL,
                                    new Stmt.Assign(
                                            sum, add(sum, multiply(a, new Term.Parameter(m))))));
                    return sum;
                },
                i -> IntStream.range(0, 5 + i).map(a -> 3 * a).sum());
        each(
                "a loop of no step, an extent of the element",
                ScalarType.FLOAT32,
                10,
                List.of(),
                List.of(),
                List.of(),
                (i, into) -> {
                    var sum = variable("sum", LoopType.FLOAT32);
                    var a = variable("a", LoopType.INT32);
                    into.add(new Stmt.Declare(sum, constant(LoopType.FLOAT32, 1)));
                    into.add(
                            loop(
                                    a,
                                    add(i, -4),
                                    Stmt.For.Kind.SERIAL,
                                    new Stmt.Assign(
                                            sum,
                                            new Term.MultiplyAdd(
                                                    sum,
                                                    constant(LoopType.FLOAT32, 2),
                                                    constant(LoopType.FLOAT32, 0.5)))));
                    return sum;
                },
                i -> {
                    double sum = 1;
                    for (int a = 0; a < i - 4; a++) sum = 2 * sum + 0.5;
                    return sum;
                });
        each(
                "branches",
                ScalarType.INT32,
                40,
                List.of(),
                List.of(),
                List.of(),
                (i, into) -> {
                    var x = variable("x", LoopType.INT32);
                    into.add(new Stmt.Declare(x, constant(1)));
                    into.add(
                            new Stmt.If(
                                    less(i, constant(10)),
                                    block(
                                            new Stmt.If(
                                                    equal(i, constant(3)),
                                                    block(new Stmt.Assign(x, constant(-5))),
                                                    block(new Stmt.Assign(x, multiply(i, i))))),
                                    block(new Stmt.Assign(x, add(x, i)))));
                    return x;
                },
                i -> i == 3 ? -5 : i < 10 ? i * i : i + 1);
        each(
                "divisions by parameters",
                ScalarType.INT32,
                64,
                List.of(n, m),
                List.of(5, 3),
                List.of(),
                (i, into) -> {
                    var flat = variable("flat", LoopType.INT32);
                    into.add(new Stmt.Declare(flat, add(i, new Term.Parameter(m))));
                    var quotient =
                            new Term.Combine(Binary.Operator.DIVIDE, flat, new Term.Parameter(n));
                    var rest =
                            new Term.Combine(
                                    Binary.Operator.REMAINDER, flat, new Term.Parameter(n));
                    var floor =
                            new Term.Combine(
                                    Binary.Operator.FLOOR_DIVIDE,
                                    add(i, -20),
                                    new Term.Parameter(n));
                    return add(
                            add(multiply(quotient, 100), multiply(rest, 1000)),
                            multiply(floor, 100000));
                },
                i -> (i + 3) / 5 * 100 + (i + 3) % 5 * 1000 + Math.floorDiv(i - 20, 5) * 100000);
    }

    private void arrays() {
        var dynamic = new LocalArray("table", LoopType.INT32, 5, LocalArray.Storage.REGISTER);
        each(
                "a register array with computed indices",
                ScalarType.INT32,
                30,
                List.of(),
                List.of(),
                List.of(dynamic),
                (i, into) -> {
                    var a = variable("a", LoopType.INT32);
                    into.add(
                            loop(
                                    a,
                                    constant(5),
                                    Stmt.For.Kind.SERIAL,
                                    new Stmt.LocalStore(dynamic, a, multiply(add(a, i), a))));
                    return new Term.LocalLoad(
                            dynamic,
                            new Term.Combine(Binary.Operator.FLOOR_MODULO, i, constant(5)));
                },
                i -> (i % 5 + i) * (i % 5));
        var registers = new LocalArray("sums", LoopType.FLOAT32X4, 3, LocalArray.Storage.REGISTER);
        each(
                "a register array with literal indices",
                ScalarType.FLOAT32,
                30,
                List.of(),
                List.of(),
                List.of(registers),
                (i, into) -> {
                    var a = variable("a", LoopType.INT32);
                    var r = variable("r", LoopType.INT32);
                    var f = new Term.Convert(ScalarType.FLOAT32, i);
                    into.add(
                            loop(
                                    r,
                                    constant(3),
                                    Stmt.For.Kind.UNROLLED,
                                    new Stmt.LocalStore(registers, r, new Term.Splat(f))));
                    into.add(
                            loop(
                                    a,
                                    constant(4),
                                    Stmt.For.Kind.SERIAL,
                                    loop(
                                            r,
                                            constant(3),
                                            Stmt.For.Kind.UNROLLED,
                                            new Stmt.LocalStore(
                                                    registers,
                                                    r,
                                                    new Term.MultiplyAdd(
                                                            new Term.Splat(
                                                                    new Term.Convert(
                                                                            ScalarType.FLOAT32,
                                                                            add(a, r))),
                                                            new Term.Vector(
                                                                    List.of(
                                                                            constant(
                                                                                    LoopType
                                                                                            .FLOAT32,
                                                                                    1),
                                                                            constant(
                                                                                    LoopType
                                                                                            .FLOAT32,
                                                                                    2),
                                                                            constant(
                                                                                    LoopType
                                                                                            .FLOAT32,
                                                                                    3),
                                                                            f)),
                                                            new Term.LocalLoad(registers, r))))));
                    Term all = new Term.LocalLoad(registers, constant(0));
                    for (int k = 1; k < 3; k++)
                        all = add(all, new Term.LocalLoad(registers, constant(k)));
                    return add(
                            new Term.Lane(all, constant(1)),
                            multiply(
                                    new Term.Lane(all, constant(3)),
                                    constant(LoopType.FLOAT32, 10)));
                },
                i -> {
                    double second = 0;
                    double fourth = 0;
                    for (int r = 0; r < 3; r++) {
                        double x = i;
                        double y = i;
                        for (int a = 0; a < 4; a++) {
                            x += (a + r) * 2;
                            y += (a + r) * i;
                        }
                        second += x;
                        fourth += y;
                    }
                    return second + fourth * 10;
                });
        each(
                "lanes at computed places",
                ScalarType.INT32,
                16,
                List.of(),
                List.of(),
                List.of(),
                (i, into) -> {
                    var v = variable("v", LoopType.INT32.withLanes(4));
                    into.add(
                            new Stmt.Declare(
                                    v,
                                    new Term.Vector(
                                            List.of(i, add(i, 10), constant(7), multiply(i, 3)))));
                    var swizzled =
                            new Term.Vector(
                                    List.of(
                                            new Term.Lane(v, constant(3)),
                                            new Term.Lane(v, constant(3)),
                                            new Term.Lane(v, constant(0)),
                                            new Term.Lane(v, constant(1))));
                    return new Term.Lane(
                            swizzled,
                            new Term.Combine(Binary.Operator.FLOOR_MODULO, i, constant(4)));
                },
                i -> new int[] {3 * i, 3 * i, i, i + 10}[i % 4]);
        sharedSum();
    }

    /// Each workgroup adds up 64 numbers by halving, with barriers.
    private void sharedSum() {
        int groups = 3;
        var x = buffer("x", ScalarType.FLOAT32, 1, KernelBuffer.Access.READ);
        var y = buffer("y", ScalarType.FLOAT32, 1, KernelBuffer.Access.WRITE);
        var shared = new LocalArray("shared", LoopType.FLOAT32, 64, LocalArray.Storage.WORKGROUP);
        var local = new Term.GridIndex(Term.GridIndex.Scope.LOCAL, 0);
        var body = new ArrayList<Stmt>();
        body.add(new Stmt.LocalStore(shared, local, new Term.Load(x, GLOBAL, 1)));
        body.add(new Stmt.Barrier());
        for (int half = 32; half > 0; half /= 2) {
            body.add(
                    new Stmt.If(
                            less(local, constant(half)),
                            block(
                                    new Stmt.LocalStore(
                                            shared,
                                            local,
                                            add(
                                                    new Term.LocalLoad(shared, local),
                                                    new Term.LocalLoad(shared, add(local, half))))),
                            block()));
            body.add(new Stmt.Barrier());
        }
        body.add(
                new Stmt.If(
                        equal(local, constant(0)),
                        block(
                                new Stmt.Store(
                                        y,
                                        new Term.GridIndex(Term.GridIndex.Scope.GROUP, 0),
                                        new Term.LocalLoad(shared, constant(0)))),
                        block()));
        var values = values(64 * groups, i -> i * 0.5);
        test(
                "a sum in workgroup memory",
                "webgpu",
                new Kernel(
                        "k",
                        "test",
                        List.of(x, y),
                        List.of(),
                        List.of(shared),
                        new Grid(List.of(Dimension.of(groups)), List.of(64)),
                        new Stmt.Block(body)),
                List.of(
                        OperatorCases.words(ScalarType.FLOAT32, values, values.length),
                        new int[groups]),
                List.of(),
                List.of(
                        exactly(
                                values(
                                        groups,
                                        g -> Arrays.stream(values, 64 * g, 64 * g + 64).sum()))));
    }

    private void grids() {
        var y = buffer("y", ScalarType.INT32, 1, KernelBuffer.Access.READ_WRITE);
        var axes = new ArrayList<Term>();
        for (int axis = 0; axis < 3; axis++)
            axes.add(new Term.GridIndex(Term.GridIndex.Scope.GLOBAL, axis));
        var at = add(multiply(add(multiply(axes.get(2), 6), axes.get(1)), 8), axes.get(0));
        var group =
                add(
                        add(
                                new Term.GridIndex(Term.GridIndex.Scope.GROUP, 0),
                                multiply(new Term.GridIndex(Term.GridIndex.Scope.GROUP, 1), 10)),
                        multiply(new Term.GridIndex(Term.GridIndex.Scope.LOCAL, 2), 100));
        test(
                "three axes, a buffer read and written",
                "webgpu",
                new Kernel(
                        "k",
                        "test",
                        List.of(y),
                        List.of(),
                        List.of(),
                        new Grid(
                                List.of(Dimension.of(2), Dimension.of(3), Dimension.of(2)),
                                List.of(4, 2, 2)),
                        block(new Stmt.Store(y, at, add(new Term.Load(y, at, 1), group)))),
                List.of(IntStream.range(0, 192).map(i -> 1000 * i).toArray()),
                List.of(),
                List.of(
                        exactly(
                                values(
                                        192,
                                        i ->
                                                1000 * i
                                                        + i % 8 / 4
                                                        + i / 8 % 6 / 2 * 10
                                                        + i / 48 % 2 * 100))));
        int many = 70_000;
        for (boolean isFixed : new boolean[] {true, false}) {
            var n = Dimension.symbol("N");
            var count = isFixed ? constant(many) : new Term.Parameter(n);
            var z = buffer("z", ScalarType.INT32, 1, KernelBuffer.Access.WRITE);
            test(
                    "more than 65535 workgroups on an axis " + isFixed,
                    "webgpu",
                    new Kernel(
                            "k",
                            "test",
                            List.of(z),
                            isFixed ? List.of() : List.of(n),
                            List.of(),
                            new Grid(List.of(isFixed ? Dimension.of(many) : n), List.of(1)),
                            block(
                                    new Stmt.If(
                                            less(GLOBAL, count),
                                            block(
                                                    new Stmt.Store(
                                                            z,
                                                            GLOBAL,
                                                            add(
                                                                    GLOBAL,
                                                                    new Term.GridIndex(
                                                                            Term.GridIndex.Scope
                                                                                    .GROUP,
                                                                            0)))),
                                            block()))),
                    List.of(new int[many]),
                    isFixed ? List.of() : List.of(many),
                    List.of(exactly(values(many, i -> 2 * i))));
        }
        for (var type : List.of(ScalarType.FLOAT32, ScalarType.INT32, ScalarType.UINT32)) {
            var a = buffer("a", type, 1, KernelBuffer.Access.READ);
            var b = buffer("b", type, 4, KernelBuffer.Access.READ);
            var c = buffer("c", type, 4, KernelBuffer.Access.WRITE);
            var d = buffer("d", type, 1, KernelBuffer.Access.WRITE);
            var splat = new Term.Splat(new Term.Load(a, GLOBAL, 1));
            var sum = add(splat, new Term.Load(b, GLOBAL, 4));
            var five = values(5, i -> i + 1);
            var twenty = values(20, i -> 3 * i);
            test(
                    "scalars and vectors " + type,
                    "webgpu",
                    new Kernel(
                            "k",
                            "test",
                            List.of(a, b, c, d),
                            List.of(),
                            List.of(),
                            Grid.linear(Dimension.of(5), 5),
                            block(
                                    new Stmt.Store(c, GLOBAL, sum),
                                    new Stmt.Store(d, GLOBAL, new Term.Lane(sum, constant(2))))),
                    List.of(
                            OperatorCases.words(type, five, 5),
                            OperatorCases.words(type, twenty, 20),
                            new int[20],
                            new int[5]),
                    List.of(),
                    List.of(
                            exactly(values(20, i -> i / 4 + 1 + 3 * i)),
                            exactly(values(5, i -> i + 1 + 3 * (4 * i + 2)))));
        }
    }
}
