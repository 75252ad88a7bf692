package io.webdnn.compiler.schedule;

import io.webdnn.compiler.loop.Build;
import io.webdnn.compiler.loop.LocalArray;
import io.webdnn.compiler.loop.LoopType;
import io.webdnn.compiler.loop.ScalarType;
import io.webdnn.compiler.loop.Stmt;
import io.webdnn.compiler.loop.Term;
import io.webdnn.graph.expr.Binary;

/// Sums of a few products of float16, as float16, beside the float32 sums that they are added to:
/// most of the arithmetic is of 16 bits, which many devices do twice as fast, and the error does
/// not grow with the number of products.
///
/// @param parts vectors of float16, one for each of `sums`
/// @param sums vectors of float32
record PartialSums(LocalArray parts, LocalArray sums) {
    /// The most products that are added up in 16 bits: each may lose half a unit of the last of ten
    /// places, and numbers to 65504 / 8 are far from ∞.
    static final int MOST = 8;

    /// Fewer are no gain over adding each to a float32.
    private static final int LEAST = 4;

    static PartialSums of(LocalArray sums, KernelBuilder kernel) {
        var type = new LoopType(ScalarType.FLOAT16, sums.type().lanes());
        return new PartialSums(
                kernel.array("part", type, sums.size(), LocalArray.Storage.REGISTER), sums);
    }

    /// {@return whether products of a contraction are to be added up so}
    static boolean isFor(ContractionForm form, Template.Request request) {
        return request.halfProducts() && form.isOfHalves();
    }

    /// {@return how many products are added up at a time where a loop has so many; 0 if that is no
    /// gain}
    static int few(long products) {
        for (int few = MOST; few >= LEAST; few--) if (products % few == 0) return few;
        return 0;
    }

    /// {@return a number that is loaded, as float16}
    static Term half(Term value) {
        return new Term.Convert(ScalarType.FLOAT16, value);
    }

    /// Begins with the next few products.
    void clear(Scope scope) {
        for (int i = 0; i < parts.size(); i++)
            scope.add(
                    new Stmt.LocalStore(parts, Build.constant(i), Build.constant(parts.type(), 0)));
    }

    /// Adds the few products to the sums.
    void add(Scope scope) {
        for (int i = 0; i < parts.size(); i++) {
            var index = Build.constant(i);
            var part = new Term.Convert(ScalarType.FLOAT32, new Term.LocalLoad(parts, index));
            var sum = new Term.LocalLoad(sums, index);
            scope.add(
                    new Stmt.LocalStore(
                            sums, index, new Term.Combine(Binary.Operator.ADD, sum, part)));
        }
    }
}
