/// The CUDA backend: found by core through `ServiceLoader`, never referenced.
module dev.quintet.kernels {
  requires static transitive org.jspecify;
  requires dev.quintet.core;
  requires jcuda;
  requires jcublas;

  // The service file in META-INF says the same for the class path.
  provides dev.quintet.core.backend.BackendProvider with
      dev.quintet.kernels.cuda.CudaProvider;
}
