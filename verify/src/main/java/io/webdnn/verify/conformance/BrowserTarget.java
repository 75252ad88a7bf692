package io.webdnn.verify.conformance;

import io.webdnn.compiler.Backend;
import io.webdnn.compiler.descriptor.GraphDescriptor;
import io.webdnn.graph.Graph;
import io.webdnn.graph.Value;
import io.webdnn.verify.browser.ModelPage;

/// A backend of the browser runtime, in a real browser.
public final class BrowserTarget implements Target {
    private final Backend backend;
    private final ModelPage page;

    /// A page of its own for one backend; the browser starts with the first model.
    public BrowserTarget(Backend backend) {
        this.backend = backend;
        page = new ModelPage(backend);
    }

    @Override
    public String name() {
        return backend.toString();
    }

    @Override
    public Tolerance tolerance() {
        return switch (backend) {
            case WEBASSEMBLY -> Tolerance.EXACT_ARITHMETIC;
            case WEBGL, WEBGPU -> Tolerance.GPU;
        };
    }

    @Override
    public Program compile(Graph graph) {
        var descriptor = GraphDescriptor.generate(backend, graph);
        var outputs = graph.outputs().stream().map(Value::type).toList();
        return inputs -> page.run(descriptor, inputs, outputs);
    }

    @Override
    public void close() {
        page.close();
    }
}
