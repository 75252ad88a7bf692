package io.webdnn.compiler.schedule;

import io.webdnn.compiler.loop.Kernel;
import io.webdnn.graph.expr.Buffer;
import io.webdnn.graph.expr.HostCall;
import io.webdnn.graph.expr.Index;
import io.webdnn.tensor.Dimension;
import java.util.LinkedHashSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a program does, in order.
public sealed interface Call {
    /// {@return the nodes that this comes from}
    String origin();

    /// {@return the name of what took it, for reports: of a template, mostly}
    String template();

    /// One run of a kernel.
    ///
    /// @param buffers what its [io.webdnn.compiler.loop.KernelBuffer]s are bound to
    /// @param declined why templates before the one that took it did not, for `--explain`
    record Run(Kernel kernel, List<Buffer> buffers, String origin, List<String> declined)
            implements Call {
        public Run {
            buffers = List.copyOf(buffers);
            declined = List.copyOf(declined);
        }

        @Override
        public String template() {
            return kernel.template();
        }
    }

    /// A Java function.
    record Host(HostCall call, String origin) implements Call {
        @Override
        public String template() {
            return "Host";
        }
    }

    /// Gives a size the value that its source holds, for the calls behind it.
    ///
    /// @param most no value is above it; null if there is no bound
    record Measure(String symbol, Buffer source, @Nullable Dimension most, String origin)
            implements Call {
        @Override
        public String template() {
            return "Measure";
        }
    }

    /// Calls that are repeated: the kernels in the body take the number of the repetition as the
    /// size `symbol`.
    ///
    /// @param goesOn a bool scalar: the repetitions end before the first at which it is false; null
    ///   if all are made
    record Repeat(
            String symbol,
            Dimension extent,
            List<Call> body,
            @Nullable Buffer goesOn,
            String origin)
            implements Call {
        public Repeat {
            body = List.copyOf(body);
        }

        /// {@return whether only a run knows how many repetitions there are}
        public boolean isOpen() {
            return goesOn != null || !extent.isFixed();
        }

        @Override
        public String template() {
            return "Repeat";
        }
    }

    /// A call of a target's own library; only targets whose templates make such calls meet them.
    sealed interface Library extends Call {
        /// {@return why templates before did not take it}
        List<String> declined();

        /// {@return the buffers that are read}
        List<Buffer> reads();

        /// {@return the buffers that are written}
        List<Buffer> writes();
    }

    /// The sums of a contraction, by micro-kernels: `y = Σ_k a · b` over the indices of the roles
    /// ([ContractionForm]).
    ///
    /// @param y where the sums go
    /// @param epilogue what then turns the sums in `y` into the output, element by element, or null
    record Contract(
            List<Index> batch,
            List<Index> m,
            List<Index> n,
            List<Index> k,
            Strided a,
            Strided b,
            Strided y,
            @Nullable Run epilogue,
            String origin,
            List<String> declined)
            implements Library {
        public Contract {
            batch = List.copyOf(batch);
            m = List.copyOf(m);
            n = List.copyOf(n);
            k = List.copyOf(k);
            declined = List.copyOf(declined);
        }

        @Override
        public String template() {
            return "Contraction";
        }

        @Override
        public List<Buffer> reads() {
            var buffers = new LinkedHashSet<>(List.of(a.buffer(), b.buffer()));
            if (epilogue != null) buffers.addAll(epilogue.buffers());
            return List.copyOf(buffers);
        }

        @Override
        public List<Buffer> writes() {
            var buffers = new LinkedHashSet<>(List.of(y.buffer()));
            if (epilogue != null) buffers.add(epilogue.buffers().getLast());
            return List.copyOf(buffers);
        }
    }

    /// Sums of neighbours: `y[domain] = Σ_summed x`.
    record Sum(
            List<Index> domain,
            List<Index> summed,
            Strided x,
            Strided y,
            String origin,
            List<String> declined)
            implements Library {
        public Sum {
            domain = List.copyOf(domain);
            summed = List.copyOf(summed);
            declined = List.copyOf(declined);
        }

        @Override
        public String template() {
            return "Sum";
        }

        @Override
        public List<Buffer> reads() {
            return List.of(x.buffer());
        }

        @Override
        public List<Buffer> writes() {
            return List.of(y.buffer());
        }
    }

    /// Maxima of windows: `y[domain] = max_taps x`.
    record Pool(
            List<Index> domain,
            List<Index> taps,
            Strided x,
            Strided y,
            String origin,
            List<String> declined)
            implements Library {
        public Pool {
            domain = List.copyOf(domain);
            taps = List.copyOf(taps);
            declined = List.copyOf(declined);
        }

        @Override
        public String template() {
            return "Pool";
        }

        @Override
        public List<Buffer> reads() {
            return List.of(x.buffer());
        }

        @Override
        public List<Buffer> writes() {
            return List.of(y.buffer());
        }
    }

    /// A tensor in a frame of zeros.
    ///
    /// @param low how far the frame reaches below the tensor: minus that, per axis
    record Pad(Buffer from, Buffer to, List<Long> low, String origin) implements Library {
        public Pad {
            low = List.copyOf(low);
        }

        @Override
        public String template() {
            return "Pad";
        }

        @Override
        public List<String> declined() {
            return List.of();
        }

        @Override
        public List<Buffer> reads() {
            return List.of(from);
        }

        @Override
        public List<Buffer> writes() {
            return List.of(to);
        }
    }
}
