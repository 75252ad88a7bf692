package io.webdnn.compiler.emit.wgsl;

import io.webdnn.compiler.emit.ShaderEmitter;
import io.webdnn.compiler.loop.Grid;
import io.webdnn.compiler.loop.Kernel;
import io.webdnn.compiler.loop.KernelBuffer;
import io.webdnn.compiler.loop.LocalArray;
import io.webdnn.compiler.loop.LoopType;
import io.webdnn.compiler.loop.ScalarType;
import io.webdnn.compiler.loop.Term;
import io.webdnn.graph.expr.Binary;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/// What WGSL says differently.
///
/// Whoever compiles a shader defines two words before its text: `half`, which is `f16` or, on a
/// device without it, `f32`; and `rounds`, whether the conversion to it rounds half to even,
/// subnormal numbers and ±∞ included, of which WGSL says nothing. Buffers of halves are arrays of
/// `half`, loads widen. Pairs of halves are words, which every device unpacks.
public final class WgslEmitter extends ShaderEmitter {
    /// The most workgroups that a dispatch may have on an axis.
    private static final int MOST_GROUPS = 65_535;

    private boolean hasInfinity;
    private boolean hasNan;
    private final Set<LoopType> narrowed = new LinkedHashSet<>();

    private WgslEmitter(Kernel kernel) {
        super(kernel);
    }

    /// {@return the compute shader of a kernel; its entry point is `main`; `half` is to be defined
    /// before it}
    public static String emit(Kernel kernel) {
        return new WgslEmitter(kernel).emit();
    }

    @Override
    protected String language() {
        return "WGSL";
    }

    @Override
    protected String type(LoopType type) {
        boolean isVector = type.lanes() == 4;
        return switch (type.scalar()) {
            case FLOAT16 -> isVector ? "vec4<half>" : "half";
            case FLOAT32 -> isVector ? "vec4f" : "f32";
            case INT32 -> isVector ? "vec4i" : "i32";
            case UINT32 -> isVector ? "vec4u" : "u32";
            case BOOL -> isVector ? "vec4<bool>" : "bool";
            case FLOAT64, INT64, UINT64 -> throw unsupported(type);
        };
    }

    @Override
    protected String frame(String functions, String body, Set<String> grid) {
        var text = new StringBuilder();
        for (int i = 0; i < kernel.buffers().size(); i++) {
            var buffer = kernel.buffers().get(i);
            var access = buffer.access() == KernelBuffer.Access.READ ? "read" : "read_write";
            text.append(
                    "@group(0)@binding(%d)var<storage,%s>B%d:array<%s>;"
                            .formatted(i, access, i, stored(buffer)));
        }
        if (!kernel.parameters().isEmpty()) {
            text.append(
                    "@group(0)@binding(%d)var<uniform>P:array<vec4i,%d>;"
                            .formatted(
                                    kernel.buffers().size(), (kernel.parameters().size() + 3) / 4));
        }
        for (var array : kernel.arrays()) {
            if (array.storage() == LocalArray.Storage.WORKGROUP)
                text.append("var<workgroup>").append(array(array, arrayName(array)));
        }
        // a constant expression must not be infinite or NaN, so their bits come from variables
        if (hasInfinity) text.append("var<private>I=0x7f800000u;");
        if (hasNan) text.append("var<private>J=0x7fc00000u;");
        for (int i = 0; i < kernel.buffers().size(); i++) {
            if (kernel.buffers().get(i).storage() == KernelBuffer.Storage.PAIRS)
                text.append(unpack(i));
        }
        text.append(functions);
        for (var type : narrowed) text.append(narrow(type));
        text.append("@compute@workgroup_size(")
                .append(
                        kernel.grid().workgroup().stream()
                                .map(String::valueOf)
                                .collect(Collectors.joining(",")))
                .append(")fn main(")
                .append(builtins(grid))
                .append("){");
        for (var index : grid) text.append("let ").append(index).append('=').append(index(index));
        return text.append(body).append('}').toString();
    }

    /// {@return the type of what a buffer is an array of}
    private String stored(KernelBuffer buffer) {
        boolean isVector = buffer.lanes() == 4;
        return switch (buffer.storage()) {
            case WHOLE -> type(new LoopType(buffer.scalar(), buffer.lanes()));
            case HALVES -> isVector ? "vec4<half>" : "half";
            case PAIRS -> isVector ? "vec2u" : "u32";
        };
    }

    /// {@return the function that loads an element of a buffer of pairs}
    private String unpack(int buffer) {
        return kernel.buffers().get(buffer).lanes() == 4
                ? "fn H%1$d(i:i32)->vec4f{let p=B%1$d[i];return vec4f(unpack2x16float(p.x),unpack2x16float(p.y));}"
                        .formatted(buffer)
                : "fn H%1$d(i:i32)->f32{return unpack2x16float(B%1$d[i>>1u])[i&1];}"
                        .formatted(buffer);
    }

    /// {@return the function that makes halves of float32}
    private static String narrow(LoopType type) {
        return type.lanes() == 4
                ? "fn Half4(x:vec4f)->vec4<half>{if(rounds){return vec4<half>(x);}return vec4<half>(Nearest4(x));}"
                : "fn Half(x:f32)->half{if(rounds){return half(x);}return half(Nearest(x));}";
    }

    private String builtins(Set<String> grid) {
        var builtins = new ArrayList<String>();
        boolean splits = false;
        if (grid.stream().anyMatch(g -> g.startsWith("G")))
            builtins.add("@builtin(global_invocation_id)Q:vec3u");
        if (grid.stream().anyMatch(g -> g.startsWith("L")))
            builtins.add("@builtin(local_invocation_id)R:vec3u");
        if (grid.stream().anyMatch(g -> g.startsWith("W")))
            builtins.add("@builtin(workgroup_id)S:vec3u");
        for (var g : grid) splits |= isSplit() && !g.startsWith("L");
        if (splits) builtins.add("@builtin(num_workgroups)N:vec3u");
        return String.join(",", builtins);
    }

    /// Whether the runtime may spread the one axis over two.
    private boolean isSplit() {
        return isSplit(kernel.grid());
    }

    private static boolean isSplit(Grid grid) {
        if (grid.groups().size() != 1) return false;
        var groups = grid.groups().getFirst();
        return !groups.isFixed() || groups.value() > MOST_GROUPS;
    }

    private String index(String name) {
        char axis = "xyz".charAt(name.charAt(1) - '0');
        return switch (name.charAt(0)) {
            case 'L' -> "i32(R." + axis + ");";
            case 'G' ->
                    isSplit()
                            ? "i32(Q.x+Q.y*N.x*" + kernel.grid().workgroup().getFirst() + "u);"
                            : "i32(Q." + axis + ");";
            default -> isSplit() ? "i32(S.x+S.y*N.x);" : "i32(S." + axis + ");";
        };
    }

    @Override
    protected Text notFinite(double value) {
        if (Double.isNaN(value)) {
            hasNan = true;
            return new Text("bitcast<f32>(J)", PRIMARY);
        }
        hasInfinity = true;
        return value < 0
                ? new Text("-bitcast<f32>(I)", UNARY)
                : new Text("bitcast<f32>(I)", PRIMARY);
    }

    @Override
    protected Text load(int buffer, Text offset, int lanes) {
        var part = lanes < kernel.buffers().get(buffer).lanes() ? ".x" : "";
        var element = "B" + buffer + "[" + offset.text() + "]" + part;
        var text =
                switch (kernel.buffers().get(buffer).storage()) {
                    case WHOLE -> element;
                    case HALVES -> (lanes == 4 ? "vec4f(" : "f32(") + element + ")";
                    case PAIRS -> "H" + buffer + "(" + offset.text() + ")" + part;
                };
        return new Text(text, PRIMARY);
    }

    @Override
    protected String store(int buffer, Text offset, Term value) {
        var bound = kernel.buffers().get(buffer);
        int lanes = value.type().lanes();
        return "B"
                + buffer
                + "["
                + offset.text()
                + "]"
                + (lanes < bound.lanes() ? ".x" : "")
                + "="
                + (bound.storage() == KernelBuffer.Storage.HALVES ? half(value) : expression(value))
                        .text()
                + ";";
    }

    /// {@return what is a float16 already, as such}
    private Text half(Term value) {
        return value instanceof Term.Convert(_, var narrow)
                        && narrow.type().scalar() == ScalarType.FLOAT16
                ? expression(narrow)
                : construct(
                        new LoopType(ScalarType.FLOAT16, value.type().lanes()),
                        expression(value).text());
    }

    /// {@return whether a number is a float16 already, so that however a device rounds, it does
    /// not}
    private static boolean isHalf(Term a) {
        return switch (a) {
            case Term.Load(var buffer, _, _) -> buffer.storage() != KernelBuffer.Storage.WHOLE;
            case Term.Convert(_, var operand) -> operand.type().scalar() == ScalarType.FLOAT16;
            case Term.Literal(_, var value) -> {
                float x = value.floatValue();
                yield Float.float16ToFloat(Float.floatToFloat16(x)) == x;
            }
            case Term.Choose(_, var then, var otherwise) -> isHalf(then) && isHalf(otherwise);
            case Term.Splat(var scalar) -> isHalf(scalar);
            case Term.Lane(var vector, _) -> isHalf(vector);
            case Term.Vector(var lanes) -> lanes.stream().allMatch(WgslEmitter::isHalf);
            default -> false;
        };
    }

    @Override
    protected Text narrowed(Term a) {
        if (isHalf(a)) return half(a);
        nearestHalf(a.type());
        narrowed.add(a.type());
        var name = a.type().lanes() == 4 ? "Half4" : "Half";
        return new Text(name + "(" + expression(a).text() + ")", PRIMARY);
    }

    @Override
    protected Text widened(Term a) {
        return construct(new LoopType(ScalarType.FLOAT32, a.type().lanes()), expression(a).text());
    }

    @Override
    protected Text choose(LoopType condition, LoopType type, Text c, Text a, Text b) {
        return new Text("select(" + b.text() + "," + a.text() + "," + c.text() + ")", PRIMARY);
    }

    @Override
    protected Text compare(Binary.Operator operator, LoopType type, Text a, Text b) {
        var symbol =
                operator == Binary.Operator.EQUAL
                        ? "=="
                        : operator == Binary.Operator.LESS ? "<" : "<=";
        return new Text(at(SUM, a) + symbol + at(SUM, b), COMPARISON);
    }

    @Override
    protected Text notEqual(LoopType type, Text a, Text b) {
        return new Text(at(SUM, a) + "!=" + at(SUM, b), COMPARISON);
    }

    @Override
    protected Text reinterpret(LoopType from, LoopType to, Text a) {
        return new Text("bitcast<" + type(to) + ">(" + a.text() + ")", PRIMARY);
    }

    @Override
    protected Text shift(String symbol, LoopType type, Text a, Term distance) {
        var scalar = distance instanceof Term.Splat(var s) ? s : distance;
        var unsigned =
                scalar instanceof Term.Literal(_, var value)
                        ? value + "u"
                        : distance.type().scalar() == ScalarType.UINT32
                                ? at(UNARY, expression(scalar))
                                : type(new LoopType(ScalarType.UINT32, scalar.type().lanes()))
                                        + "("
                                        + expression(scalar).text()
                                        + ")";
        boolean repeats =
                type.lanes() == 4
                        && (distance.type().lanes() == 1 || distance instanceof Term.Splat);
        var right = repeats ? "vec4u(" + unsigned + ")" : unsigned;
        // in parentheses, since ">" could end a template list that "a<b" seems to begin
        return new Text("(" + at(UNARY, a) + symbol + right + ")", PRIMARY);
    }

    @Override
    protected String roundName() {
        return "round";
    }

    @Override
    protected Text not(LoopType type, Text a) {
        return new Text("!" + at(UNARY, a), UNARY);
    }

    @Override
    protected String declare(LoopType type, String name, String value, boolean constant) {
        // a literal alone would be given another type
        return (constant ? "let " : "var ") + name + ":" + type(type) + "=" + value + ";";
    }

    @Override
    protected String declareArray(LocalArray array, String name) {
        return "var " + array(array, name);
    }

    private String array(LocalArray array, String name) {
        return name + ":array<" + type(array.type()) + "," + array.size() + ">;";
    }

    @Override
    protected String signature(
            String name, List<LoopType> types, List<String> parameters, LoopType result) {
        var text = new ArrayList<String>();
        for (int i = 0; i < types.size(); i++)
            text.add(parameters.get(i) + ":" + type(types.get(i)));
        return "fn " + name + "(" + String.join(",", text) + ")->" + type(result);
    }

    @Override
    protected String loopHead(String index, String limit) {
        return "for(var " + index + "=0;" + index + "<" + limit + ";" + index + "++)";
    }

    @Override
    protected Text parameter(int index) {
        return new Text("P[" + index / 4 + "]." + "xyzw".charAt(index % 4), PRIMARY);
    }

    @Override
    protected String barrier() {
        return "workgroupBarrier();";
    }

    @Override
    protected boolean hasVectorLogic() {
        return true;
    }
}
