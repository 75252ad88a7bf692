package io.webdnn.compiler;

/// What a browser can run: the backends that a graph descriptor is made for.
public enum Backend {
    /// WGSL compute shaders.
    WEBGPU(Target.WEBGPU),
    /// GLSL ES 3.00 fragment shaders of WebGL2.
    WEBGL(Target.WEBGL),
    /// WebAssembly with SIMD.
    WEBASSEMBLY(Target.WEBASSEMBLY);

    private final Target target;

    Backend(Target target) {
        this.target = target;
    }

    /// {@return the target that code is made for}
    public Target target() {
        return target;
    }

    /// {@return the name in options, files and reports: `webgpu`}
    @Override
    public String toString() {
        return target.toString();
    }
}
