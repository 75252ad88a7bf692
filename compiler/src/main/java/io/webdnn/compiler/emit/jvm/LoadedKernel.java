package io.webdnn.compiler.emit.jvm;

import io.webdnn.compiler.loop.Kernel;
import io.webdnn.compiler.loop.MergeLoops;
import io.webdnn.compiler.loop.Stmt;
import java.lang.invoke.MethodHandles;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// A kernel ready to run.
///
/// @param phases what each phase of the code runs: a loop that may be shared, or a block
public record LoadedKernel(KernelCode code, List<Stmt> phases) {
    private static final int KEPT = 2_000;

    /// Kernels that are printed the same are one class: a program that is compiled again for
    /// another batch size, or the evaluation beside the training step, runs what is warm already.
    private static final Map<Text, KernelCode> LOADED =
            new LinkedHashMap<>(16, 0.75f, true) {
                private static final long serialVersionUID = 1;

                @Override
                protected boolean removeEldestEntry(Map.Entry<Text, KernelCode> eldest) {
                    return size() > KEPT;
                }
            };

    /// The bytes of a class, compared by content.
    private static final class Text {
        private final byte[] bytes;
        private final int hash;

        Text(byte[] bytes) {
            this.bytes = bytes;
            hash = Arrays.hashCode(bytes);
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Text text && Arrays.equals(bytes, text.bytes);
        }

        @Override
        public int hashCode() {
            return hash;
        }
    }

    public LoadedKernel {
        phases = List.copyOf(phases);
    }

    /// {@return the code of a kernel, defined in this virtual machine}
    public static LoadedKernel load(Kernel written) {
        var kernel = MergeLoops.merge(written);
        var phases = new ArrayList<Stmt>();
        for (var phase : Phase.of(kernel)) phases.add(phase.statement());
        var text = new Text(JvmEmitter.emit(kernel));
        synchronized (LOADED) {
            return new LoadedKernel(LOADED.computeIfAbsent(text, t -> define(t.bytes)), phases);
        }
    }

    private static KernelCode define(byte[] bytes) {
        try {
            var lookup = MethodHandles.lookup().defineHiddenClass(bytes, true);
            return (KernelCode) lookup.lookupClass().getDeclaredConstructor().newInstance();
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("JvmEmitter: the class cannot be defined", e);
        }
    }
}
