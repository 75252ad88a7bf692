package io.webdnn.graph.interpret;

/// An expression as a tree of closures over a [Frame]. Floats of all widths are doubles that have
/// been rounded to what their dtype computes with, integers of all widths longs that have been
/// wrapped (uint64 as its bits).
sealed interface Code {
    /// A float.
    @FunctionalInterface
    non-sealed interface Real extends Code {
        double at(Frame frame);
    }

    /// An integer.
    @FunctionalInterface
    non-sealed interface Whole extends Code {
        long at(Frame frame);
    }

    /// A bool.
    @FunctionalInterface
    non-sealed interface Truth extends Code {
        boolean at(Frame frame);
    }

    /// The values of indices and locals while an expression is evaluated.
    final class Frame {
        final long[] wholes;
        final double[] reals;
        final boolean[] known;

        Frame(int slots) {
            this(new long[slots], new double[slots], new boolean[slots]);
        }

        private Frame(long[] wholes, double[] reals, boolean[] known) {
            this.wholes = wholes;
            this.reals = reals;
            this.known = known;
        }

        Frame copy() {
            return new Frame(wholes.clone(), reals.clone(), known.clone());
        }
    }
}
