package dev.quintet.benchmarks.tokenizers;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.quintet.benchmarks.contest.MissingPeerException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;

/// The peers that the profile `benchmarks` brings: DJL's binding of SentencePiece, DJL's binding of Hugging Face's
/// tokenizers, and jtokkit.
///
/// They are called through method handles, so that only who runs benchmarks fetches them; a call through a handle
/// costs nanoseconds, encoding a line microseconds.
final class Peers {
  private static final String DJL = "ai.djl.";
  private static final String JTOKKIT = "com.knuddels.jtokkit.";

  private Peers() {}

  /// SentencePiece 0.2 through JNI.
  ///
  /// @param model a SentencePiece model
  static Codec sentencePiece(Path model) {
    stayHere();
    Class<?> tokenizer = type(DJL + "sentencepiece.SpTokenizer");
    Class<?> processor = type(DJL + "sentencepiece.SpProcessor");
    try {
      var lookup = MethodHandles.publicLookup();
      Object loaded = tokenizer.getConstructor(Path.class).newInstance(model);
      Object bound = tokenizer.getMethod("getProcessor").invoke(loaded);
      MethodHandle encode =
          lookup.findVirtual(processor, "encode", MethodType.methodType(int[].class, String.class));
      MethodHandle decode =
          lookup.findVirtual(processor, "decode", MethodType.methodType(String.class, int[].class));
      return new Bound(encode.bindTo(bound), decode.bindTo(bound), ids -> (int[]) ids, loaded);
    } catch (ReflectiveOperationException e) {
      throw unusable("ai.djl.sentencepiece", e);
    }
  }

  /// Hugging Face's tokenizers 0.21 through JNI, on one thread. It always computes offsets.
  ///
  /// @param json a `tokenizer.json`
  static Codec huggingFace(Path json) {
    stayHere();
    Class<?> tokenizer = type(DJL + "huggingface.tokenizers.HuggingFaceTokenizer");
    Class<?> encoding = type(DJL + "huggingface.tokenizers.Encoding");
    try {
      var lookup = MethodHandles.publicLookup();
      Object loaded =
          tokenizer
              .getMethod("newInstance", Path.class, Map.class)
              .invoke(null, json, Map.of("truncation", "false", "padding", "false"));
      MethodHandle encode =
          lookup
              .findVirtual(
                  tokenizer,
                  "encode",
                  MethodType.methodType(encoding, String.class, boolean.class, boolean.class))
              .bindTo(loaded);
      MethodHandle ids =
          lookup.findVirtual(encoding, "getIds", MethodType.methodType(long[].class));
      MethodHandle toIds =
          MethodHandles.filterReturnValue(
              MethodHandles.insertArguments(encode, 1, false, false), ids);
      MethodHandle decode =
          lookup
              .findVirtual(
                  tokenizer,
                  "decode",
                  MethodType.methodType(String.class, long[].class, boolean.class))
              .bindTo(loaded);
      return new Bound(
          toIds,
          MethodHandles.insertArguments(decode, 1, false),
          longs -> Arrays.stream((long[]) longs).mapToInt(id -> (int) id).toArray(),
          loaded);
    } catch (ReflectiveOperationException e) {
      throw unusable("ai.djl.huggingface:tokenizers", e);
    }
  }

  /// jtokkit.
  ///
  /// @param encoding such as `cl100k_base`
  static Codec jtokkit(String encoding) {
    Class<?> encodings = type(JTOKKIT + "Encodings");
    Class<?> registry = type(JTOKKIT + "api.EncodingRegistry");
    Class<?> types = type(JTOKKIT + "api.EncodingType");
    Class<?> codec = type(JTOKKIT + "api.Encoding");
    Class<?> list = type(JTOKKIT + "api.IntArrayList");
    try {
      var lookup = MethodHandles.publicLookup();
      Object kind = types.getMethod("valueOf", String.class).invoke(null, encoding.toUpperCase());
      Object all = encodings.getMethod("newLazyEncodingRegistry").invoke(null);
      Object loaded = registry.getMethod("getEncoding", types).invoke(all, kind);
      MethodHandle encode =
          lookup.findVirtual(codec, "encodeOrdinary", MethodType.methodType(list, String.class));
      MethodHandle decode =
          lookup.findVirtual(codec, "decode", MethodType.methodType(String.class, list));
      MethodHandle toArray =
          lookup
              .findVirtual(list, "toArray", MethodType.methodType(int[].class))
              .asType(MethodType.methodType(Object.class, Object.class));
      return new Bound(
          encode.bindTo(loaded),
          decode.bindTo(loaded),
          ids -> {
            try {
              Object array = (Object) toArray.invokeExact(ids);
              return (int[]) array;
            } catch (Throwable e) {
              throw unusable("jtokkit", e);
            }
          },
          loaded);
    } catch (ReflectiveOperationException e) {
      throw unusable("jtokkit", e);
    }
  }

  /// The tiktoken file that jtokkit carries.
  ///
  /// @param encoding such as `cl100k_base`
  static Path tiktokenFile(String encoding) {
    String name = encoding + ".tiktoken";
    try (InputStream in = type(JTOKKIT + "Encodings").getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("jtokkit carries no " + name);
      }
      Path file = Files.createTempFile(encoding, ".tiktoken");
      file.toFile().deleteOnExit();
      Files.write(file, in.readAllBytes());
      return file;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private interface ToInts {
    int[] of(Object ids);
  }

  /// Methods bound to their tokenizer; `owner` keeps what would free its native memory alive.
  private record Bound(MethodHandle encoder, MethodHandle decoder, ToInts ints, Object owner)
      implements Codec {
    private static final MethodType ENCODES = MethodType.methodType(Object.class, String.class);
    private static final MethodType DECODES = MethodType.methodType(String.class, Object.class);

    Bound {
      encoder = encoder.asType(ENCODES);
      decoder = decoder.asType(DECODES);
    }

    @Override
    public Object encode(String text) {
      try {
        return encoder.invokeExact(text);
      } catch (Throwable e) {
        throw unusable("the peer", e);
      }
    }

    @Override
    public String decode(Object encoded) {
      try {
        return (String) decoder.invokeExact(encoded);
      } catch (Throwable e) {
        throw unusable("the peer", e);
      }
    }

    @Override
    public int[] ids(Object encoded) {
      return ints.of(encoded);
    }
  }

  /// One thread and no network: DJL would look for libraries and report that it was started.
  private static void stayHere() {
    System.setProperty("ai.djl.offline", "true");
    System.setProperty("OPT_OUT_TRACKING", "true");
    System.setProperty("RUST_FLAVOR", "cpu");
    Linker linker = Linker.nativeLinker();
    // Rust's thread pool reads the environment of the process, which Java cannot change.
    linker
        .defaultLookup()
        .find("setenv")
        .ifPresent(found -> {
          MethodHandle set =
              linker.downcallHandle(
                  found, FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, JAVA_INT));
          try (Arena arena = Arena.ofConfined()) {
            MemorySegment name = arena.allocateFrom("RAYON_NUM_THREADS");
            int failed = (int) set.invokeExact(name, arena.allocateFrom("1"), 1);
            if (failed != 0) {
              throw new IllegalStateException("setenv failed");
            }
          } catch (Throwable e) {
            throw unusable("setenv", e);
          }
        });
  }

  private static Class<?> type(String name) {
    try {
      return Class.forName(name);
    } catch (ClassNotFoundException e) {
      throw unusable(name, e);
    }
  }

  private static MissingPeerException unusable(String what, Throwable cause) {
    return new MissingPeerException(
        what + " cannot be used here: it is fetched by ./quintet bench (" + cause + ")", cause);
  }
}
