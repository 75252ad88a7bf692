// Runs the kernels of cases.json, each for itself, and posts a line of results per kernel.

const FORMATS = {
  f: (gl) => [gl.RGBA32F, gl.RGBA, gl.FLOAT, Float32Array],
  i: (gl) => [gl.RGBA32I, gl.RGBA_INTEGER, gl.INT, Int32Array],
  u: (gl) => [gl.RGBA32UI, gl.RGBA_INTEGER, gl.UNSIGNED_INT, Uint32Array],
};
const MOST_GROUPS = 65535;

async function webgpu() {
  const adapter = await navigator.gpu?.requestAdapter();
  if (!adapter) return () => { throw new Error('no WebGPU adapter'); };
  const device = await adapter.requestDevice();
  return async ({ source, buffers, parameters, groups }) => {
    device.pushErrorScope('validation');
    const module = device.createShaderModule({ code: source });
    const errors = (await module.getCompilationInfo()).messages.filter((m) => m.type === 'error');
    if (errors.length) throw new Error(errors.map((e) => `${e.linePos}: ${e.message}`).join(' '));
    const types = buffers.map((b) => (b.write ? 'storage' : 'read-only-storage'));
    if (parameters.length) types.push('uniform');
    const layout = device.createBindGroupLayout({
      entries: types.map((type, binding) => ({ binding, visibility: GPUShaderStage.COMPUTE, buffer: { type } })),
    });
    const pipeline = device.createComputePipeline({
      layout: device.createPipelineLayout({ bindGroupLayouts: [layout] }),
      compute: { module, entryPoint: 'main' },
    });
    const contents = buffers.map((b) => b.words);
    if (parameters.length) contents.push(parameters);
    const memory = contents.map((words, i) => {
      const size = Math.max(16, Math.ceil(words.length / 4) * 16);
      const usage = i < buffers.length ? GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC : GPUBufferUsage.UNIFORM;
      const buffer = device.createBuffer({ size, usage: usage | GPUBufferUsage.COPY_DST });
      device.queue.writeBuffer(buffer, 0, new Uint32Array(words));
      return buffer;
    });
    const group = device.createBindGroup({
      layout,
      entries: memory.map((buffer, binding) => ({ binding, resource: { buffer } })),
    });
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, group);
    const isLong = groups.length === 1 && groups[0] > MOST_GROUPS;
    pass.dispatchWorkgroups(...(isLong ? [MOST_GROUPS, Math.ceil(groups[0] / MOST_GROUPS)] : groups));
    pass.end();
    const readers = buffers.map((b, i) => {
      if (!b.write) return null;
      const size = memory[i].size;
      const reader = device.createBuffer({ size, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
      encoder.copyBufferToBuffer(memory[i], 0, reader, 0, size);
      return reader;
    });
    device.queue.submit([encoder.finish()]);
    const error = await device.popErrorScope();
    if (error) throw new Error(error.message);
    const outputs = [];
    for (const [i, reader] of readers.entries()) {
      if (!reader) continue;
      await reader.mapAsync(GPUMapMode.READ);
      outputs.push(Array.from(new Uint32Array(reader.getMappedRange()).slice(0, buffers[i].words.length)));
      reader.destroy();
    }
    memory.forEach((buffer) => buffer.destroy());
    return outputs;
  };
}

function webgl() {
  const gl = document.createElement('canvas').getContext('webgl2');
  if (!gl || !gl.getExtension('EXT_color_buffer_float')) {
    return () => { throw new Error('no WebGL2 with float targets'); };
  }
  const shader = (type, source) => {
    const made = gl.createShader(type);
    gl.shaderSource(made, source);
    gl.compileShader(made);
    if (!gl.getShaderParameter(made, gl.COMPILE_STATUS)) throw new Error(gl.getShaderInfoLog(made));
    return made;
  };
  const vertices = shader(gl.VERTEX_SHADER, `#version 300 es
    void main() { gl_Position = vec4(gl_VertexID == 1 ? 3 : -1, gl_VertexID == 2 ? 3 : -1, 0, 1); }`);
  return ({ source, buffers, parameters, texture }) => {
    const program = gl.createProgram();
    gl.attachShader(program, vertices);
    gl.attachShader(program, shader(gl.FRAGMENT_SHADER, source));
    gl.linkProgram(program);
    if (!gl.getProgramParameter(program, gl.LINK_STATUS)) throw new Error(gl.getProgramInfoLog(program));
    gl.useProgram(program);
    const textures = buffers.map(({ type, words }) => {
      const [internal, format, kind, View] = FORMATS[type](gl);
      const texels = words.length / 4;
      const width = Math.min(texels, texture);
      const height = Math.ceil(texels / width);
      const padded = new Uint32Array(width * height * 4);
      padded.set(words);
      const made = gl.createTexture();
      gl.bindTexture(gl.TEXTURE_2D, made);
      gl.texStorage2D(gl.TEXTURE_2D, 1, internal, width, height);
      gl.texSubImage2D(gl.TEXTURE_2D, 0, 0, 0, width, height, format, kind, new View(padded.buffer));
      gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.NEAREST);
      gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, gl.NEAREST);
      return { made, width, height, format, kind, View };
    });
    const framebuffer = gl.createFramebuffer();
    gl.bindFramebuffer(gl.FRAMEBUFFER, framebuffer);
    const targets = textures.filter((_, i) => buffers[i].write);
    targets.forEach((target, i) => {
      gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0 + i, gl.TEXTURE_2D, target.made, 0);
    });
    gl.drawBuffers(targets.map((_, i) => gl.COLOR_ATTACHMENT0 + i));
    let unit = 0;
    textures.forEach(({ made }, i) => {
      if (buffers[i].write) return;
      gl.activeTexture(gl.TEXTURE0 + unit);
      gl.bindTexture(gl.TEXTURE_2D, made);
      gl.uniform1i(gl.getUniformLocation(program, `t${i}`), unit++);
    });
    parameters.forEach((value, i) => gl.uniform1i(gl.getUniformLocation(program, `p${i}`), value));
    gl.viewport(0, 0, targets[0].width, targets[0].height);
    gl.drawArrays(gl.TRIANGLES, 0, 3);
    const written = buffers.filter((b) => b.write);
    const outputs = targets.map(({ width, height, format, kind, View }, i) => {
      const values = new View(width * height * 4);
      gl.readBuffer(gl.COLOR_ATTACHMENT0 + i);
      gl.readPixels(0, 0, width, height, format, kind, values);
      return Array.from(new Uint32Array(values.buffer).slice(0, written[i].words.length));
    });
    const error = gl.getError();
    if (error) throw new Error(`WebGL error ${error}`);
    gl.deleteFramebuffer(framebuffer);
    textures.forEach(({ made }) => gl.deleteTexture(made));
    gl.deleteProgram(program);
    return outputs;
  };
}

async function main() {
  const cases = await (await fetch('cases.json')).json();
  const run = { webgpu: await webgpu(), webgl: webgl() };
  const lines = [];
  for (const each of cases) {
    try {
      const outputs = await run[each.target](each);
      lines.push('ok ' + outputs.map((words) => words.join()).join(';'));
    } catch (e) {
      lines.push(String(e.message ?? e).replaceAll('\n', ' '));
    }
  }
  return lines.join('\n');
}

const body = await main().catch((e) => String(e.stack ?? e));
await fetch('results', { method: 'POST', body });
