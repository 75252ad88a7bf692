package io.webdnn.compiler.schedule;

import io.webdnn.compiler.Target;
import io.webdnn.compiler.layout.Layouts;
import io.webdnn.graph.expr.Stage;
import java.util.List;

/// A way to compute stages of one form fast. Chosen by form, never by operator; the first that
/// accepts takes the stage.
public interface Template {
    /// {@return the name in reports: `Contraction`}
    String name();

    /// {@return the calls that compute a stage, or why this template does not take it}
    Result apply(Stage stage, Request request);

    /// What is asked of a template.
    ///
    /// @param layouts where the buffers of the program lie
    /// @param packings what was packed for other devices
    /// @param halfProducts whether products of float16 may be added up as float16
    /// @param origin the nodes that the stage computes
    /// @param declined why the templates before did not take it
    /// @param isOnce whether it is computed once, before the first run: code costs more than time
    record Request(
            Target target,
            Layouts layouts,
            Packings packings,
            boolean halfProducts,
            String origin,
            List<String> declined,
            boolean isOnce) {
        /// {@return a builder of a kernel for this request}
        public KernelBuilder kernel(Template template) {
            boolean isShared = isOnce || target == Target.JVM;
            return new KernelBuilder(target, layouts, origin, template.name(), isShared);
        }

        /// {@return a request for what is computed once, before the first run}
        Request once() {
            return new Request(target, layouts, packings, halfProducts, origin, declined, true);
        }
    }

    /// An answer.
    sealed interface Result {
        /// The stage is computed by these calls, in order.
        record Accepted(List<Call> calls) implements Result {}

        /// The stage has not the form, or this template is no gain for it.
        record Declined(String reason) implements Result {}
    }
}
