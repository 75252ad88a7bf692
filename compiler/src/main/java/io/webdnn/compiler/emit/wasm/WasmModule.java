package io.webdnn.compiler.emit.wasm;

import io.webdnn.compiler.loop.Expand;
import io.webdnn.compiler.loop.Kernel;
import io.webdnn.compiler.loop.SharedLoop;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A WebAssembly module of kernels: each is an exported function of the byte addresses of its
/// buffers and of its parameters, all i32; the memory is imported as `env.memory`. Equal functions
/// stand in it once.
///
/// A kernel with a loop that threads can share ([SharedLoop]) takes two numbers more: the first of
/// the iterations that it computes, and the one behind the last.
public final class WasmModule {
    private static final byte[] HEADER = {0, 'a', 's', 'm', 1, 0, 0, 0};
    private static final int I32 = 0x7F;
    private static final int FUNCTION_TYPE = 0x60;

    private final byte[] bytes;
    private final List<String> exports;
    private final List<Optional<SharedLoop>> shared;

    private WasmModule(byte[] bytes, List<String> exports, List<Optional<SharedLoop>> shared) {
        this.bytes = bytes;
        this.exports = exports;
        this.shared = shared;
    }

    /// {@return the binary form}
    public byte[] bytes() {
        return bytes.clone();
    }

    /// {@return the name of the function of each kernel, in the order in which the kernels were
    /// given}
    public List<String> exports() {
        return exports;
    }

    /// {@return the loop of each kernel that threads can share}
    public List<Optional<SharedLoop>> shared() {
        return shared;
    }

    /// {@return the module of some kernels}
    ///
    /// @param relaxed whether relaxed SIMD may be used: `a · b + c` in one instruction, fused or
    ///   not as the machine likes
    public static WasmModule of(List<Kernel> kernels, boolean relaxed) {
        var library = new WasmLibrary(relaxed);
        Map<String, Integer> known = new LinkedHashMap<>();
        var bodies = new ArrayList<WasmBytes>();
        var arities = new ArrayList<Integer>();
        var numbers = new ArrayList<Integer>();
        var loops = new ArrayList<Optional<SharedLoop>>();
        for (var kernel : kernels) {
            var expanded = Expand.kernel(kernel);
            var shared = SharedLoop.of(expanded);
            loops.add(Optional.ofNullable(shared));
            int range = shared == null ? 0 : 2;
            int arity = kernel.buffers().size() + kernel.parameters().size() + range;
            var body = WasmFunction.ofKernel(expanded, shared, library);
            var key = arity + ":" + HexFormat.of().formatHex(body.toBytes());
            var number =
                    known.computeIfAbsent(
                            key,
                            _ -> {
                                bodies.add(body);
                                arities.add(arity);
                                return bodies.size() - 1;
                            });
            numbers.add(number);
        }
        return new WasmModule(
                write(bodies, arities, library),
                numbers.stream().map(n -> "k" + n).toList(),
                List.copyOf(loops));
    }

    /// Functions of the library come first, since bodies call them by number while the number of
    /// kernels is not yet known.
    private static byte[] write(
            List<WasmBytes> bodies, List<Integer> arities, WasmLibrary library) {
        var helpers = library.functions();
        var types = new LinkedHashMap<String, WasmBytes>();
        var typeOf = new ArrayList<Integer>();
        for (var helper : helpers) typeOf.add(type(types, helper.signature()));
        for (int arity : arities) {
            var signature = new WasmBytes().u8(FUNCTION_TYPE).u32(arity);
            for (int i = 0; i < arity; i++) signature.u8(I32);
            typeOf.add(type(types, signature.u32(0)));
        }
        var typeSection = new WasmBytes().u32(types.size());
        types.values().forEach(typeSection::raw);
        var importSection = new WasmBytes().u32(1).name("env").name("memory").u8(2).u8(0).u32(1);
        var functionSection = new WasmBytes().u32(typeOf.size());
        typeOf.forEach(functionSection::u32);
        var exportSection = new WasmBytes().u32(bodies.size());
        for (int i = 0; i < bodies.size(); i++)
            exportSection.name("k" + i).u8(0).u32(helpers.size() + i);
        var codeSection = new WasmBytes().u32(typeOf.size());
        for (var helper : helpers) codeSection.sized(helper.code());
        for (var body : bodies) codeSection.sized(body);
        var module = new WasmBytes();
        for (byte b : HEADER) module.u8(b);
        return module.section(1, typeSection)
                .section(2, importSection)
                .section(3, functionSection)
                .section(7, exportSection)
                .section(10, codeSection)
                .toBytes();
    }

    private static int type(Map<String, WasmBytes> types, WasmBytes signature) {
        var key = HexFormat.of().formatHex(signature.toBytes());
        types.putIfAbsent(key, signature);
        return List.copyOf(types.keySet()).indexOf(key);
    }
}
