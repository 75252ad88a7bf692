package io.webdnn.compiler.emit;

import io.webdnn.compiler.loop.Build;
import io.webdnn.compiler.loop.Interval;
import io.webdnn.compiler.loop.Kernel;
import io.webdnn.compiler.loop.KernelBuffer;
import io.webdnn.compiler.loop.LocalArray;
import io.webdnn.compiler.loop.LoopType;
import io.webdnn.compiler.loop.ScalarType;
import io.webdnn.compiler.loop.Term;
import io.webdnn.graph.expr.Binary;
import io.webdnn.graph.expr.Unary;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Prints the terms of a kernel: the one switch over them, and what the shading languages have in
/// common. [ShaderEmitter] adds the statements.
public abstract class ShaderTerms {
    /// A printed expression and how tightly it binds.
    public record Text(String text, int level) {}

    /// Levels of binding. Comparisons and below are not mixed without parentheses (WGSL demands
    /// it).
    protected static final int PRIMARY = 9;

    protected static final int UNARY = 8;
    protected static final int PRODUCT = 7;
    protected static final int SUM = 6;
    protected static final int COMPARISON = 5;
    protected static final int CONJUNCTION = 4;
    protected static final int DISJUNCTION = 3;
    protected static final int LOWEST = 1;

    /// The kernel, expanded.
    protected final Kernel kernel;

    /// What is known of variables that are not assigned again.
    final Map<Term.Variable, Interval> intervals = new HashMap<>();

    /// The indices of the invocation that are used: `G0`, `L1`, `W2` …
    final TreeSet<String> gridIndices = new TreeSet<>();

    /// The function whose body is being printed, or null.
    @Nullable ShaderFunction current;

    /// How many variables have a name at this place.
    int used;

    private final Map<Term.Variable, String> names = new HashMap<>();

    ShaderTerms(Kernel kernel) {
        this.kernel = kernel;
    }

    /// {@return the name of the language, for errors}
    protected abstract String language();

    /// {@return the spelling of a type}
    protected abstract String type(LoopType type);

    /// {@return a float32 literal that is not finite}
    protected abstract Text notFinite(double value);

    /// {@return the elements of a buffer at an offset}
    protected abstract Text load(int buffer, Text offset, int lanes);

    /// {@return `condition ? then : otherwise`}
    protected abstract Text choose(LoopType condition, LoopType type, Text c, Text a, Text b);

    /// {@return a comparison, lane by lane}
    protected abstract Text compare(Binary.Operator operator, LoopType type, Text a, Text b);

    /// {@return the bits under another type}
    protected abstract Text reinterpret(LoopType from, LoopType to, Text a);

    /// {@return a shift, the distance being in 0 … 31}
    protected abstract Text shift(String symbol, LoopType type, Text a, Term distance);

    /// {@return `x` rounded half to even}
    protected abstract String roundName();

    /// {@return `!a` for bool}
    protected abstract Text not(LoopType type, Text a);

    /// {@return a float32 as the nearest float16}
    protected abstract Text narrowed(Term a);

    /// {@return a float16 as a float32}
    protected abstract Text widened(Term a);

    /// {@return a symbolic size}
    protected abstract Text parameter(int index);

    /// {@return whether the language has `&` between bools and their vectors (which is no jump:
    /// long chains of `&&` make some compilers of shaders very slow), and choices between vectors
    /// of integers}
    protected abstract boolean hasVectorLogic();

    /// Makes sure that the shader defines a function.
    abstract void require(ShaderFunction function, LoopType result);

    // ---- names

    /// {@return the name of an array of the kernel}
    protected final String arrayName(LocalArray array) {
        return "A" + kernel.arrays().indexOf(array);
    }

    final String define(Term.Variable variable) {
        var name = shortName(used++);
        names.put(variable, name);
        return name;
    }

    private static String shortName(int index) {
        return index < 26 ? String.valueOf((char) ('a' + index)) : "v" + index;
    }

    final String name(Term.Variable variable) {
        var name = names.get(variable);
        if (name == null)
            throw new IllegalArgumentException(
                    language() + ": " + kernel.name() + ": " + variable + " is not declared");
        return name;
    }

    final int bufferIndex(KernelBuffer buffer) {
        int index = kernel.buffers().indexOf(buffer);
        if (index < 0)
            throw new IllegalArgumentException(
                    language() + ": " + kernel.name() + ": " + buffer + " is no buffer of it");
        return index;
    }

    // ---- terms

    /// {@return a printed term}
    protected final Text expression(Term term) {
        return switch (term) {
            case Term.Literal(var type, var value) -> literal(type, value);
            case Term.Variable v -> new Text(name(v), PRIMARY);
            case Term.Parameter(var dimension) -> {
                int index = kernel.parameters().indexOf(dimension);
                if (index < 0)
                    throw new IllegalArgumentException(
                            language()
                                    + ": "
                                    + kernel.name()
                                    + ": "
                                    + dimension
                                    + " is no parameter of it");
                yield parameter(index);
            }
            case Term.GridIndex(var scope, var axis) -> {
                var name =
                        switch (scope) {
                                    case GLOBAL -> "G";
                                    case LOCAL -> "L";
                                    case GROUP -> "W";
                                }
                                + axis;
                gridIndices.add(name);
                yield new Text(name, PRIMARY);
            }
            case Term.Apply(var operator, var a) -> apply(operator, a);
            case Term.Combine(var operator, var a, var b) -> combine(operator, a, b);
            case Term.MultiplyAdd(var a, var b, var c) ->
                    infix("+", SUM, product(a, b), scalarIn(c));
            case Term.Choose(var c, var a, var b) -> {
                if (c.type().lanes() == 4
                        && !hasVectorLogic()
                        && !a.type().scalar().isFloat()
                        && !isInside("choose", a.type())) {
                    yield call(ShaderFunctions.choose(a.type()), a.type(), c, a, b);
                }
                yield choose(c.type(), a.type(), expression(c), expression(a), expression(b));
            }
            case Term.Convert(var to, var a) -> convert(to, a);
            case Term.Reinterpret(var to, var a) ->
                    reinterpret(a.type(), new LoopType(to, a.type().lanes()), expression(a));
            case Term.Splat(var a) -> construct(term.type(), expression(a).text());
            case Term.Lane(var vector, var lane) -> lane(vector, lane);
            case Term.Vector(var lanes) -> vector(term.type(), lanes);
            case Term.Load(var buffer, var offset, var lanes) -> {
                if (lanes > buffer.lanes())
                    throw new IllegalArgumentException(
                            language()
                                    + ": "
                                    + kernel.name()
                                    + ": "
                                    + buffer
                                    + ": expected a load of 1 lane, got "
                                    + lanes);
                yield load(bufferIndex(buffer), expression(offset), lanes);
            }
            case Term.LocalLoad(var array, var index) ->
                    new Text(arrayName(array) + "[" + expression(index).text() + "]", PRIMARY);
        };
    }

    /// {@return the text, in parentheses if it binds less tightly than asked for}
    protected static String at(int level, Text text) {
        return text.level() >= level ? text.text() : "(" + text.text() + ")";
    }

    /// {@return a type's constructor}
    protected final Text construct(LoopType type, String arguments) {
        return new Text(type(type) + "(" + arguments + ")", PRIMARY);
    }

    private Text literal(LoopType type, Number value) {
        return switch (type.scalar()) {
            case FLOAT16, FLOAT32 -> {
                float x = value.floatValue();
                if (Float.isNaN(x) || Float.isInfinite(x)) yield notFinite(x);
                yield signed(decimal(x));
            }
            case INT32 ->
                    value.longValue() == Integer.MIN_VALUE
                            ? new Text("(-2147483647-1)", PRIMARY)
                            : signed(Long.toString(value.longValue()));
            case UINT32 -> new Text((value.longValue() & 0xffffffffL) + "u", PRIMARY);
            case BOOL -> new Text(value.longValue() != 0 ? "true" : "false", PRIMARY);
            case FLOAT64, INT64, UINT64 -> throw unsupported(type);
        };
    }

    /// {@return the error for a type that no shading language has}
    protected final IllegalArgumentException unsupported(LoopType type) {
        return new IllegalArgumentException(
                language() + ": " + kernel.name() + ": expected 32-bit types, got " + type);
    }

    private static Text signed(String number) {
        return new Text(number, number.charAt(0) == '-' ? UNARY : PRIMARY);
    }

    private static String decimal(float value) {
        // the shortest text of the largest float lies above it, which WGSL refuses
        var text =
                Math.abs(value) == Float.MAX_VALUE ? Double.toString(value) : Float.toString(value);
        int e = text.indexOf('E');
        var mantissa = e < 0 ? text : text.substring(0, e);
        if (mantissa.endsWith(".0")) mantissa = mantissa.substring(0, mantissa.length() - 1);
        if (mantissa.startsWith("0.") && mantissa.length() > 2) mantissa = mantissa.substring(1);
        if (mantissa.startsWith("-0.") && mantissa.length() > 3)
            mantissa = "-" + mantissa.substring(2);
        return e < 0 ? mantissa : mantissa + "e" + text.substring(e + 1);
    }

    private Text apply(Unary.Operator operator, Term a) {
        var type = a.type();
        return switch (operator) {
            case NEGATE ->
                    type.scalar() == ScalarType.UINT32
                            ? new Text("~" + at(UNARY, expression(a)) + "+1u", SUM)
                            : negate(expression(a));
            case ABS -> type.scalar() == ScalarType.UINT32 ? expression(a) : builtin("abs", a);
            case EXP -> isInside(operator, type) ? builtin("exp", a) : define(operator, a);
            case SQRT -> builtin("sqrt", a);
            case FLOOR -> builtin("floor", a);
            case CEIL -> builtin("ceil", a);
            case ROUND -> builtin(roundName(), a);
            case NOT -> not(type, expression(a));
            case BIT_NOT -> new Text("~" + at(UNARY, expression(a)), UNARY);
            case SIGN -> {
                if (type.scalar().isFloat()) yield define(operator, a);
                if (type.scalar() == ScalarType.INT32) yield builtin("sign", a);
                var one = new Term.Literal(LoopType.UINT32, 1L);
                yield builtin("min", a, type.lanes() == 1 ? one : new Term.Splat(one));
            }
            case LOG,
                    LOG1P,
                    SIN,
                    COS,
                    TAN,
                    ASIN,
                    ACOS,
                    ATAN,
                    SINH,
                    COSH,
                    ASINH,
                    ACOSH,
                    ATANH,
                    TANH,
                    ERF,
                    IS_NAN,
                    IS_INFINITE ->
                    define(operator, a);
        };
    }

    private static Text negate(Text a) {
        return new Text("-" + at(PRIMARY, a), UNARY);
    }

    private Text builtin(String function, Term... operands) {
        var texts = new ArrayList<String>();
        for (var operand : operands) texts.add(expression(operand).text());
        return new Text(function + "(" + String.join(",", texts) + ")", PRIMARY);
    }

    private Text define(Unary.Operator operator, Term a) {
        var function = ShaderFunctions.of(operator, a.type());
        return call(function, new Term.Apply(operator, a).type(), a);
    }

    private Text define(Binary.Operator operator, Term a, Term b) {
        return call(ShaderFunctions.of(operator, a.type()), a.type(), a, b);
    }

    private boolean isInside(Object operator, LoopType type) {
        return current != null
                && current.operator().equals(operator)
                && current.parameters().getLast().type().equals(type);
    }

    private Text combine(Binary.Operator operator, Term a, Term b) {
        var type = a.type();
        boolean isFloat = type.scalar().isFloat();
        boolean isBool = type.scalar() == ScalarType.BOOL;
        return switch (operator) {
            case ADD -> infix("+", SUM, scalarIn(a), scalarIn(b));
            case SUBTRACT -> infix("-", SUM, scalarIn(a), scalarIn(b));
            case MULTIPLY -> product(a, b);
            case DIVIDE -> {
                if (isFloat || isNonZero(b) || current != null)
                    yield infix("/", PRODUCT, scalarIn(a), scalarIn(b));
                yield define(operator, a, b);
            }
            case REMAINDER -> {
                if (!isFloat && isNonZero(b) && isNatural(a) && isNatural(b))
                    yield infix("%", PRODUCT, expression(a), expression(b));
                yield define(operator, a, b);
            }
            case FLOOR_DIVIDE -> {
                if (isFloat) yield floor(new Term.Combine(Binary.Operator.DIVIDE, a, b));
                if (isNonZero(b) && isNatural(a) && isNatural(b))
                    yield infix("/", PRODUCT, expression(a), expression(b));
                int power = powerOfTwo(b);
                if (power > 0) yield shift(">>", type, expression(a), Build.constant(power));
                yield define(operator, a, b);
            }
            case FLOOR_MODULO -> {
                if (!isFloat && isNonZero(b) && isNatural(a) && isNatural(b))
                    yield infix("%", PRODUCT, expression(a), expression(b));
                if (powerOfTwo(b) > 0) {
                    var mask = Build.add(b, -1);
                    yield new Text(
                            at(UNARY, expression(a)) + "&" + expression(mask).text(), LOWEST);
                }
                yield define(operator, a, b);
            }
            case MIN, MAX -> extremum(operator, a, b);
            case POWER -> power(a, b);
            case AND, OR, XOR -> isBool ? logic(operator, a, b) : bits(operator, a, b);
            case SHIFT_LEFT -> shiftMasked("<<", a, b);
            case SHIFT_RIGHT -> shiftMasked(">>", a, b);
            case MULTIPLY_HIGH -> define(operator, a, b);
            case EQUAL, LESS, LESS_OR_EQUAL ->
                    compare(operator, type, expression(a), expression(b));
        };
    }

    private Text floor(Term a) {
        return builtin("floor", a);
    }

    private Text product(Term a, Term b) {
        return infix("*", PRODUCT, scalarIn(a), scalarIn(b));
    }

    /// A splat as the scalar that it repeats: arithmetic takes a scalar on one side. (Two splats
    /// are joined when the kernel is expanded.)
    private Text scalarIn(Term term) {
        return expression(term instanceof Term.Splat(var scalar) ? scalar : term);
    }

    private static Text infix(String symbol, int level, Text a, Text b) {
        // the order of float operations is kept, so an equal level on the right needs parentheses;
        // "a--b" would be another token
        var right = at(level + 1, b);
        if (right.startsWith("-") && symbol.equals("-")) right = "(" + right + ")";
        return new Text(at(level, a) + symbol + right, level);
    }

    private boolean isNatural(Term term) {
        return switch (term) {
            case Term.Splat(var scalar) -> isNatural(scalar);
            default ->
                    term.type().scalar() == ScalarType.UINT32
                            || term.type().equals(LoopType.INT32)
                                    && Interval.of(term, intervals, kernel.grid()).isNatural();
        };
    }

    private boolean isNonZero(Term term) {
        return switch (term) {
            case Term.Literal(_, var value) -> value.longValue() != 0;
            // a kernel over an empty axis is not run
            case Term.Parameter _ -> true;
            case Term.Splat(var scalar) -> isNonZero(scalar);
            case Term.Combine(var operator, var a, var b)
                    when operator == Binary.Operator.MULTIPLY ->
                    isNonZero(a) && isNonZero(b);
            default ->
                    term.type().equals(LoopType.INT32)
                            && Interval.of(term, intervals, kernel.grid()).low() > 0;
        };
    }

    /// {@return k if a term is the int32 literal 2ᵏ, k > 0; else −1}
    private static int powerOfTwo(Term term) {
        if (!term.type().equals(LoopType.INT32) || !(term instanceof Term.Literal(_, var value)))
            return -1;
        long x = value.longValue();
        return x > 1 && Long.bitCount(x) == 1 ? Long.numberOfTrailingZeros(x) : -1;
    }

    private Text extremum(Binary.Operator operator, Term a, Term b) {
        var type = a.type();
        if (!type.scalar().isFloat())
            return builtin(operator == Binary.Operator.MIN ? "min" : "max", a, b);
        var x = isNumber(a) ? b : a;
        var y = isNumber(a) ? a : b;
        return isNumber(y)
                ? call(ShaderFunctions.bound(operator, type), type, x, y)
                : define(operator, a, b);
    }

    private static boolean isNumber(Term term) {
        return switch (term) {
            case Term.Literal(_, var value) -> !Double.isNaN(value.doubleValue());
            case Term.Splat(var scalar) -> isNumber(scalar);
            case Term.Convert(_, var a) -> !a.type().scalar().isFloat();
            default -> false;
        };
    }

    private Text power(Term a, Term b) {
        var type = a.type();
        var scalar = b instanceof Term.Splat(var s) ? s : b;
        if (type.scalar().isFloat()) {
            if (isInside(Binary.Operator.POWER, type)) return builtin("pow", a, b);
            if (scalar instanceof Term.Literal(_, var value)) {
                double y = value.doubleValue();
                if (y == 1) return expression(a);
                if (y == 0.5) return builtin("sqrt", a);
                if (y == Math.rint(y) && Math.abs(y) <= 8 && y != 0)
                    return call(ShaderFunctions.power((int) y, type), type, a);
            }
        }
        return define(Binary.Operator.POWER, a, b);
    }

    private Text logic(Binary.Operator operator, Term a, Term b) {
        var type = a.type();
        if (operator == Binary.Operator.XOR) return notEqual(type, expression(a), expression(b));
        if (hasVectorLogic()) return bits(operator, a, b);
        if (type.lanes() == 4) return define(operator, a, b);
        int level = operator == Binary.Operator.AND ? CONJUNCTION : DISJUNCTION;
        var symbol = operator == Binary.Operator.AND ? "&&" : "||";
        return new Text(chained(level, a) + symbol + chained(level, b), level);
    }

    private String chained(int level, Term term) {
        var text = expression(term);
        return text.level() == level ? text.text() : at(COMPARISON, text);
    }

    /// {@return `a ≠ b` for bool}
    protected abstract Text notEqual(LoopType type, Text a, Text b);

    private Text bits(Binary.Operator operator, Term a, Term b) {
        var symbol =
                operator == Binary.Operator.AND ? "&" : operator == Binary.Operator.OR ? "|" : "^";
        return new Text(at(UNARY, expression(a)) + symbol + at(UNARY, expression(b)), LOWEST);
    }

    private Text shiftMasked(String symbol, Term a, Term b) {
        var scalar = b instanceof Term.Splat(var s) ? s : b;
        if (scalar instanceof Term.Literal(var type, var distance)) {
            var masked = new Term.Literal(type, distance.longValue() & 31);
            return shift(
                    symbol,
                    a.type(),
                    expression(a),
                    b instanceof Term.Splat ? new Term.Splat(masked) : masked);
        }
        Term mask = new Term.Literal(b.type().withLanes(1), 31L);
        if (b.type().lanes() == 4) mask = new Term.Splat(mask);
        return shift(
                symbol, a.type(), expression(a), new Term.Combine(Binary.Operator.AND, b, mask));
    }

    private Text convert(ScalarType to, Term a) {
        var from = a.type();
        if (to == ScalarType.FLOAT16) return narrowed(a);
        if (from.scalar() == ScalarType.FLOAT16 && to == ScalarType.FLOAT32) return widened(a);
        var target = new LoopType(to, from.lanes());
        boolean toInteger = to == ScalarType.INT32 || to == ScalarType.UINT32;
        if (from.scalar().isFloat() && toInteger && !isInside("to " + to, from))
            return call(ShaderFunctions.toInteger(from, to), target, a);
        return construct(target, expression(a).text());
    }

    private static final String LANES = "xyzw";

    /// Lanes that pad a texel may count past its end; what they hold does not matter.
    private static char laneName(Number lane) {
        return LANES.charAt(lane.intValue() & 3);
    }

    private Text lane(Term vector, Term lane) {
        var text = at(PRIMARY, expression(vector));
        return lane instanceof Term.Literal(_, var i)
                ? new Text(text + "." + laneName(i), PRIMARY)
                : new Text(text + "[" + expression(lane).text() + "]", PRIMARY);
    }

    private Text vector(LoopType type, List<Term> lanes) {
        // lanes of one vector are a swizzle
        var swizzle = new StringBuilder();
        var source = lanes.getFirst() instanceof Term.Lane(var vector, _) ? vector : null;
        for (var lane : lanes) {
            if (lane instanceof Term.Lane(var vector, Term.Literal(_, var i))
                    && vector.equals(source)) {
                swizzle.append(laneName(i));
            }
        }
        if (source != null && swizzle.length() == 4) {
            var text = at(PRIMARY, expression(source));
            return new Text(
                    swizzle.toString().equals(LANES) ? text : text + "." + swizzle, PRIMARY);
        }
        var texts = new ArrayList<String>();
        for (var lane : lanes) texts.add(expression(lane).text());
        boolean same = texts.stream().allMatch(texts.getFirst()::equals);
        return construct(type, same ? texts.getFirst() : String.join(",", texts));
    }

    /// {@return the name of a function that makes of a float32 the nearest one that is a float16}
    protected final String nearestHalf(LoopType type) {
        var function = ShaderFunctions.nearestHalf(type);
        require(function, type);
        return function.name();
    }

    private Text call(ShaderFunction function, LoopType result, Term... operands) {
        require(function, result);
        return builtin(function.name(), operands);
    }
}
