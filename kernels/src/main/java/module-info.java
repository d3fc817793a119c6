/// The CUDA backend: found by core through `ServiceLoader`, never referenced.
module dev.quintet.kernels {
  requires static org.jspecify;
  requires dev.quintet.core;
  requires jcuda;
  requires jcublas;
}
