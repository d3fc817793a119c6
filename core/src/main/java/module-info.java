/// Tensors, autograd, the backend SPI, the CPU backend and safetensors.
module dev.quintet.core {
  requires static transitive org.jspecify;
  requires jdk.incubator.vector;
  requires tools.jackson.core;

  exports dev.quintet.core.backend;
  exports dev.quintet.core.cpu;
  exports dev.quintet.core.nn;
  exports dev.quintet.core.instrument;
  exports dev.quintet.core.io;
  exports dev.quintet.core.random;
  exports dev.quintet.core.shape;
  exports dev.quintet.core.tensor;
  exports dev.quintet.core.autograd;

  // Where the CUDA backend comes in.
  uses dev.quintet.core.backend.BackendProvider;

  provides dev.quintet.core.backend.BackendProvider with
      dev.quintet.core.cpu.CpuProvider;
}
