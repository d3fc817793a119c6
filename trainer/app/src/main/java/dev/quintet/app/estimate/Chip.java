package dev.quintet.app.estimate;

/// A chip, by what its data sheet says and by what products and copies have been seen to reach.
///
/// Data sheets: nvidia.com/en-us/data-center/a100, /h100 and /h200, dense rates, SXM modules.
public enum Chip {
  /// Peak: 271.2 of 312 TFLOP/s, the best of many shapes (Stas Bekman's table of achievable matmul rates,
  /// github.com/stas00/ml-engineering, compute/accelerator). Copies: the share that H100's reach, of 2.039 TB/s; assumed.
  A100("A100 80 GB SXM", 108, 312, 271.2, 2.039, 1.83, 32, 40, 80),

  /// Peak: 790 of 989 TFLOP/s, rounded down from 794.5 in Bekman's table and from 795, cuBLAS at 8192³ in the README
  /// of github.com/pranjalssh/fast.cu. Copies: 3.0 of 3.35 TB/s, which QuACK's norms and softmax sustain
  /// (github.com/Dao-AILab/quack, media/2025-07-10-membound-sol.md).
  H100("H100 SXM", 132, 989, 790, 3.35, 3.0, 64, 50, 80),

  /// The same processors as H100 behind faster memory: the same peak, and the same share of 4.8 TB/s in
  /// copies; assumed.
  H200("H200 SXM", 132, 989, 790, 4.8, 4.3, 64, 50, 141);

  private final String title;
  private final int processors;
  private final double sheetPeak;
  private final double peak;
  private final double sheetBandwidth;
  private final double bandwidth;
  private final double link;
  private final double cache;
  private final double memory;

  /// @param sheetPeak bf16 products by the data sheet, TFLOP/s
  /// @param peak those reached, TFLOP/s
  /// @param sheetBandwidth memory by the data sheet, TB/s
  /// @param bandwidth copies reached, read and written bytes together, TB/s
  /// @param link to the host one way, GB/s: half of what data sheets give for both (PCIe 4 and 5, 16 lanes)
  /// @param cache L2, MB
  /// @param memory GB
  Chip(
      String title,
      int processors,
      double sheetPeak,
      double peak,
      double sheetBandwidth,
      double bandwidth,
      double link,
      double cache,
      double memory) {
    this.title = title;
    this.processors = processors;
    this.sheetPeak = sheetPeak * 1e12;
    this.peak = peak * 1e12;
    this.sheetBandwidth = sheetBandwidth * 1e12;
    this.bandwidth = bandwidth * 1e12;
    this.link = link * 1e9;
    this.cache = cache * 1e6;
    this.memory = memory * 1e9;
  }

  /// Its name.
  public String title() {
    return title;
  }

  /// Streaming multiprocessors.
  public int processors() {
    return processors;
  }

  /// Floating-point operations a second of bfloat16 products, by the data sheet.
  public double sheetPeak() {
    return sheetPeak;
  }

  /// Floating-point operations a second that bfloat16 products reach at their best shapes.
  public double peak() {
    return peak;
  }

  /// Bytes a second of its memory, by the data sheet.
  public double sheetBandwidth() {
    return sheetBandwidth;
  }

  /// Bytes a second, read and written, of a large copy.
  public double bandwidth() {
    return bandwidth;
  }

  /// Bytes a second from the host, or to it.
  public double link() {
    return link;
  }

  /// Bytes of the second-level cache.
  public double cache() {
    return cache;
  }

  /// Bytes of its memory.
  public double memory() {
    return memory;
  }
}
