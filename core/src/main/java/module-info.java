/// Tensors, autograd, the backend SPI, the CPU backend and safetensors.
module dev.quintet.core {
  requires static org.jspecify;
  requires jdk.incubator.vector;
  requires tools.jackson.core;
}
