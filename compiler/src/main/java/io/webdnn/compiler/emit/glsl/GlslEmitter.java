package io.webdnn.compiler.emit.glsl;

import io.webdnn.compiler.emit.ShaderEmitter;
import io.webdnn.compiler.layout.Layout;
import io.webdnn.compiler.loop.Kernel;
import io.webdnn.compiler.loop.KernelBuffer;
import io.webdnn.compiler.loop.LocalArray;
import io.webdnn.compiler.loop.LoopType;
import io.webdnn.compiler.loop.ScalarType;
import io.webdnn.compiler.loop.Term;
import io.webdnn.graph.expr.Binary;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/// What GLSL ES 3.00 says differently: buffers are textures of four lanes, and an invocation writes
/// its own texel.
///
/// No texture is wider than a power of two ([Layout#width]), and only one that is so wide has a
/// second row. So the place of texel `t` needs no division: column `t & (width − 1)`, row `t >>
/// log₂ width`. Texels in layers are those of a texture array; all its layers are written at once.
public final class GlslEmitter extends ShaderEmitter {
    private final int texture;

    /// The buffers whose texels are fetched, in order.
    private final TreeSet<Integer> fetched = new TreeSet<>();

    private GlslEmitter(Kernel kernel, int texture) {
        super(kernel);
        this.texture = texture;
        if (Integer.bitCount(texture) != 1)
            throw new IllegalArgumentException(
                    "GLSL: texture: expected a power of two, got " + texture);
        for (var buffer : kernel.buffers()) {
            if (buffer.lanes() != 4 || buffer.access() == KernelBuffer.Access.READ_WRITE)
                throw new IllegalArgumentException(
                        "GLSL: "
                                + kernel.name()
                                + ": "
                                + buffer
                                + ": expected four lanes, read or written, got "
                                + buffer.lanes()
                                + " lanes, "
                                + buffer.access());
        }
    }

    /// {@return the fragment shader of a kernel}
    ///
    /// @param texture the width of the widest texture, a power of two
    public static String emit(Kernel kernel, int texture) {
        return new GlslEmitter(kernel, texture).emit();
    }

    @Override
    protected String language() {
        return "GLSL";
    }

    @Override
    protected String unstored() {
        return "discard;";
    }

    @Override
    protected String type(LoopType type) {
        boolean isVector = type.lanes() == 4;
        return switch (type.scalar()) {
            case FLOAT16, FLOAT32 -> isVector ? "vec4" : "float";
            case INT32 -> isVector ? "ivec4" : "int";
            case UINT32 -> isVector ? "uvec4" : "uint";
            case BOOL -> isVector ? "bvec4" : "bool";
            case FLOAT64, INT64, UINT64 -> throw unsupported(type);
        };
    }

    private static String prefix(ScalarType type) {
        return type == ScalarType.FLOAT32 ? "" : type == ScalarType.INT32 ? "i" : "u";
    }

    @Override
    protected String frame(String functions, String body, Set<String> grid) {
        var text = new StringBuilder("#version 300 es\nprecision highp float;precision highp int;");
        int outputs = 0;
        for (int i = 0; i < kernel.buffers().size(); i++) {
            var buffer = kernel.buffers().get(i);
            var prefix = prefix(buffer.scalar());
            if (buffer.access() == KernelBuffer.Access.READ) {
                var array = buffer.layers() > 1 ? "Array" : "";
                text.append("uniform highp %ssampler2D%s t%d;".formatted(prefix, array, i));
            } else {
                for (int layer = 0; layer < buffer.layers(); layer++)
                    text.append(
                            "layout(location=%d)out %svec4 %s;"
                                    .formatted(outputs++, prefix, output(i, layer)));
            }
        }
        for (int i = 0; i < kernel.parameters().size(); i++)
            text.append("uniform int p").append(i).append(';');
        for (int buffer : fetched) text.append(fetch(buffer));
        text.append(functions).append("void main(){");
        for (var index : grid) {
            if (!index.equals("G0"))
                throw new IllegalArgumentException(
                        "GLSL: "
                                + kernel.name()
                                + ": expected the index of the texel, got "
                                + index);
            text.append("int G0=int(gl_FragCoord.y)*%d+int(gl_FragCoord.x);".formatted(width()));
        }
        return text.append(body).append('}').toString();
    }

    @Override
    protected Text notFinite(double value) {
        if (Double.isNaN(value)) return new Text("uintBitsToFloat(0x7fc00000u)", PRIMARY);
        return new Text(
                "uintBitsToFloat(" + (value < 0 ? "0xff800000u" : "0x7f800000u") + ")", PRIMARY);
    }

    /// {@return log₂ of the width of a buffer's texture}
    private int shift(KernelBuffer buffer) {
        return Integer.numberOfTrailingZeros(Layout.width(buffer.texels(), texture));
    }

    /// {@return the width of the texture that is written}
    private int width() {
        for (var buffer : kernel.buffers())
            if (buffer.access() == KernelBuffer.Access.WRITE) return 1 << shift(buffer);
        throw new IllegalArgumentException(
                "GLSL: " + kernel.name() + ": expected a buffer that is written, got none");
    }

    /// {@return the function that fetches a texel of a buffer}
    ///
    /// What the buffer's extents say are arguments: kernels that differ in them only are printed
    /// alike, but for numbers ([SharedShaders]).
    private String fetch(int index) {
        var buffer = kernel.buffers().get(index);
        int layer = Integer.numberOfTrailingZeros(buffer.layers());
        var place =
                buffer.layers() == 1
                        ? "ivec2(i&m,i>>s)"
                        : "ivec3(i>>%d&m,i>>s,i&%d)".formatted(layer, buffer.layers() - 1);
        return "%svec4 T%d(int i,int m,int s){return texelFetch(t%d,%s,0);}"
                .formatted(prefix(buffer.scalar()), index, index, place);
    }

    private String output(int buffer, int layer) {
        return "o" + buffer + (kernel.buffers().get(buffer).layers() > 1 ? "_" + layer : "");
    }

    @Override
    protected Text load(int buffer, Text offset, int lanes) {
        fetched.add(buffer);
        var bound = kernel.buffers().get(buffer);
        int row = shift(bound);
        int layer = Integer.numberOfTrailingZeros(bound.layers());
        var texel = "T%d(%s,%d,%d)".formatted(buffer, offset.text(), (1 << row) - 1, layer + row);
        return new Text(lanes == 1 ? texel + ".x" : texel, PRIMARY);
    }

    @Override
    protected String store(int buffer, Text offset, Term value) {
        var text = expression(value);
        var type = new LoopType(kernel.buffers().get(buffer).scalar(), 4);
        var zero = type.scalar() == ScalarType.UINT32 ? ",0u,0u,0u" : ",0,0,0";
        boolean inLayers = kernel.buffers().get(buffer).layers() > 1;
        return output(buffer, inLayers ? Integer.parseInt(offset.text()) : 0)
                + "="
                + (value.type().lanes() == 4 ? text : construct(type, text.text() + zero)).text()
                + ";";
    }

    @Override
    protected Text choose(LoopType condition, LoopType type, Text c, Text a, Text b) {
        if (condition.lanes() == 4)
            return new Text("mix(" + b.text() + "," + a.text() + "," + c.text() + ")", PRIMARY);
        return new Text(
                at(DISJUNCTION, c) + "?" + at(DISJUNCTION, a) + ":" + at(DISJUNCTION, b), LOWEST);
    }

    @Override
    protected Text compare(Binary.Operator operator, LoopType type, Text a, Text b) {
        boolean isEqual = operator == Binary.Operator.EQUAL;
        boolean isLess = operator == Binary.Operator.LESS;
        if (type.lanes() == 4) {
            var name = isEqual ? "equal" : isLess ? "lessThan" : "lessThanEqual";
            return new Text(name + "(" + a.text() + "," + b.text() + ")", PRIMARY);
        }
        var symbol = isEqual ? "==" : isLess ? "<" : "<=";
        return new Text(at(SUM, a) + symbol + at(SUM, b), COMPARISON);
    }

    @Override
    protected Text notEqual(LoopType type, Text a, Text b) {
        return type.lanes() == 4
                ? new Text("notEqual(" + a.text() + "," + b.text() + ")", PRIMARY)
                : new Text(at(SUM, a) + "!=" + at(SUM, b), COMPARISON);
    }

    @Override
    protected Text reinterpret(LoopType from, LoopType to, Text a) {
        if (from.scalar() == ScalarType.FLOAT32) {
            var name = to.scalar() == ScalarType.INT32 ? "floatBitsToInt" : "floatBitsToUint";
            return new Text(name + "(" + a.text() + ")", PRIMARY);
        }
        if (to.scalar() != ScalarType.FLOAT32) return construct(to, a.text());
        var name = from.scalar() == ScalarType.INT32 ? "intBitsToFloat" : "uintBitsToFloat";
        return new Text(name + "(" + a.text() + ")", PRIMARY);
    }

    @Override
    protected Text shift(String symbol, LoopType type, Text a, Term distance) {
        var scalar = distance instanceof Term.Splat(var s) ? s : distance;
        return new Text(at(UNARY, a) + symbol + at(UNARY, expression(scalar)), LOWEST);
    }

    @Override
    protected String roundName() {
        return "roundEven";
    }

    @Override
    protected Text not(LoopType type, Text a) {
        return type.lanes() == 4
                ? new Text("not(" + a.text() + ")", PRIMARY)
                : new Text("!" + at(UNARY, a), UNARY);
    }

    @Override
    protected String declare(LoopType type, String name, String value, boolean constant) {
        return type(type) + " " + name + "=" + value + ";";
    }

    @Override
    protected String declareArray(LocalArray array, String name) {
        return type(array.type()) + " " + name + "[" + array.size() + "];";
    }

    @Override
    protected String signature(
            String name, List<LoopType> types, List<String> parameters, LoopType result) {
        var text = new ArrayList<String>();
        for (int i = 0; i < types.size(); i++)
            text.add(type(types.get(i)) + " " + parameters.get(i));
        return type(result) + " " + name + "(" + String.join(",", text) + ")";
    }

    @Override
    protected String loopHead(String index, String limit) {
        return "for(int " + index + "=0;" + index + "<" + limit + ";" + index + "++)";
    }

    @Override
    protected Text narrowed(Term a) {
        return new Text(nearestHalf(a.type()) + "(" + expression(a).text() + ")", PRIMARY);
    }

    @Override
    protected Text widened(Term a) {
        return expression(a);
    }

    @Override
    protected Text parameter(int index) {
        return new Text("p" + index, PRIMARY);
    }

    @Override
    protected String barrier() {
        throw new IllegalArgumentException(
                "GLSL: " + kernel.name() + ": expected no barrier in a fragment shader");
    }

    @Override
    protected boolean hasVectorLogic() {
        return false;
    }
}
