package dev.quintet.benchmarks.peer;

import dev.quintet.benchmarks.contest.MissingPeerException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.InvocationTargetException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/// Greedy decoding of a T5 by ONNX Runtime: three graphs (the encoder; the decoder's first step, which also gives the keys and
/// values of cross attention; a step with what is past), whose outputs are the next step's inputs as they lie, so that nothing but
/// logits and ids is seen by Java.
public final class OnnxT5 implements AutoCloseable {
  /// The property that names a folder with a folder for each export, and with the same model in `model`.
  public static final String FOLDER = "peer.onnx";

  private static final String PACKAGE = "ai.onnxruntime.";
  private static final String PAST = "past_key_values";
  private static final String PRESENT = "present";
  private static final String LOGITS = "logits";

  private final Class<?> tensor = type("OnnxTensor");
  private final Class<?> session = type("OrtSession");
  private final Class<?> result = type("OrtSession$Result");
  private final Class<?> environment = type("OrtEnvironment");
  private final Object runtime;
  private final MethodHandle run;
  private final MethodHandle get;
  private final MethodHandle closeResult;
  private final MethodHandle closeTensor;
  private final MethodHandle ofLongs;
  private final MethodHandle ofFloats;
  private final Object encoder;
  private final Object first;
  private final Object next;
  private final Set<String> firstOutputs;
  private final Set<String> nextOutputs;
  private final List<Object> opened = new ArrayList<>();

  /// Kinds of exports, each in a folder whose name ends with one of these.
  public enum Export {
    /// As exported.
    F32("f32"),
    /// After the runtime's own optimizer for transformers.
    FUSED("fused"),
    /// Weights of products in int8, quantised at run time.
    INT8("int8");

    private final String ending;

    Export(String ending) {
      this.ending = ending;
    }

    /// The export's folder.
    ///
    /// @throws MissingPeerException if no folder is named, or it has none of this kind
    public Path folder() {
      Path root =
          root()
              .orElseThrow(() ->
                  new MissingPeerException(
                      "not given: -D"
                          + FOLDER
                          + "=DIR names exports of a T5; benchmarks/README.md says how to make them"));
      try (Stream<Path> folders = Files.list(root)) {
        return folders
            .filter(folder -> folder.getFileName().toString().endsWith(ending))
            .filter(folder -> Files.exists(folder.resolve("encoder.onnx")))
            // the plainer one, where an export was both fused and quantised
            .min(
                java.util.Comparator.comparing(
                        (Path folder) -> folder.getFileName().toString().length())
                    .thenComparing(folder -> folder.getFileName().toString()))
            .orElseThrow(() ->
                new MissingPeerException(
                    "not given: "
                        + root
                        + " has no folder with encoder.onnx whose name ends with "
                        + ending));
      } catch (java.io.IOException e) {
        throw new MissingPeerException("-D" + FOLDER + "=" + root + " cannot be read: " + e, e);
      }
    }
  }

  /// The folder that the property names.
  public static Optional<Path> root() {
    return Optional.ofNullable(System.getProperty(FOLDER)).map(Path::of);
  }

  /// The model that the exports were made from, where the folder has it.
  public static Optional<Path> model() {
    return root().map(root -> root.resolve("model")).filter(Files::isDirectory);
  }

  /// Opens an export.
  ///
  /// @param threads the number of its threads
  public OnnxT5(Path folder, int threads) {
    Class<?> options = type("OrtSession$SessionOptions");
    Class<?> level = type("OrtSession$SessionOptions$OptLevel");
    Class<?> logging = type("OrtLoggingLevel");
    try {
      var lookup = MethodHandles.publicLookup();
      runtime = environment.getMethod("getEnvironment").invoke(null);
      Object settings = options.getConstructor().newInstance();
      options.getMethod("setIntraOpNumThreads", int.class).invoke(settings, threads);
      options.getMethod("setInterOpNumThreads", int.class).invoke(settings, 1);
      options.getMethod("setOptimizationLevel", level).invoke(settings, constant(level, "ALL_OPT"));
      options
          .getMethod("setSessionLogLevel", logging)
          .invoke(settings, constant(logging, "ORT_LOGGING_LEVEL_ERROR"));
      var open = environment.getMethod("createSession", String.class, options);
      encoder = open.invoke(runtime, folder.resolve("encoder.onnx").toString(), settings);
      first = open.invoke(runtime, folder.resolve("decoder.onnx").toString(), settings);
      next = open.invoke(runtime, folder.resolve("decoder_with_past.onnx").toString(), settings);
      opened.addAll(List.of(encoder, first, next));
      firstOutputs = outputs(first);
      nextOutputs = outputs(next);
      run =
          lookup
              .findVirtual(
                  session, "run", MethodType.methodType(result, Map.class, Set.class, Map.class))
              .asType(
                  MethodType.methodType(
                      Object.class, Object.class, Map.class, Set.class, Map.class));
      get =
          lookup
              .findVirtual(result, "get", MethodType.methodType(Optional.class, String.class))
              .asType(MethodType.methodType(Optional.class, Object.class, String.class));
      closeResult = closing(lookup, result);
      closeTensor = closing(lookup, tensor);
      ofLongs = creating(lookup, LongBuffer.class);
      ofFloats = creating(lookup, FloatBuffer.class);
    } catch (InvocationTargetException e) {
      throw new MissingPeerException("ONNX Runtime cannot open " + folder + ": " + e.getCause(), e);
    } catch (ReflectiveOperationException | LinkageError e) {
      throw new MissingPeerException("ONNX Runtime cannot be loaded here: " + e, e);
    }
  }

  private static Object constant(Class<?> type, String name) {
    for (Object one : type.getEnumConstants()) {
      if (((Enum<?>) one).name().equals(name)) {
        return one;
      }
    }
    throw new MissingPeerException("ONNX Runtime has no " + type.getSimpleName() + "." + name);
  }

  /// All but the logits, which have their own place.
  private Set<String> outputs(Object opened) throws ReflectiveOperationException {
    var names = new java.util.LinkedHashSet<String>();
    for (Object name : (Set<?>) session.getMethod("getOutputNames").invoke(opened)) {
      names.add((String) name);
    }
    names.remove(LOGITS);
    return names;
  }

  private static MethodHandle closing(MethodHandles.Lookup lookup, Class<?> type)
      throws ReflectiveOperationException {
    return lookup
        .findVirtual(type, "close", MethodType.methodType(void.class))
        .asType(MethodType.methodType(void.class, Object.class));
  }

  private MethodHandle creating(MethodHandles.Lookup lookup, Class<?> buffer)
      throws ReflectiveOperationException {
    return MethodHandles.insertArguments(
        lookup.findStatic(
            tensor,
            "createTensor",
            MethodType.methodType(tensor, environment, buffer, long[].class)),
        0,
        runtime);
  }

  private static Class<?> type(String name) {
    try {
      return Class.forName(PACKAGE + name);
    } catch (ClassNotFoundException e) {
      throw new MissingPeerException(
          "no ONNX Runtime on the class path: it is fetched by ./quintet bench", e);
    }
  }

  /// Decodes, without ever ending a row early.
  ///
  /// @param inputs ids of sources of one length
  /// @param tokens how many to make for each
  /// @param startId the decoder's first id
  /// @param vocabulary V
  /// @return the new ids of each row
  public int[][] greedy(List<int[]> inputs, int tokens, int startId, int vocabulary) {
    int rows = inputs.size();
    int length = inputs.getFirst().length;
    LongBuffer sourceIds = longs(rows * length);
    LongBuffer ones = longs(rows * length);
    for (int row = 0; row < rows; row++) {
      for (int i = 0; i < length; i++) {
        sourceIds.put(row * length + i, inputs.get(row)[i]);
        ones.put(row * length + i, 1);
      }
    }
    LongBuffer ids = longs(rows);
    for (int row = 0; row < rows; row++) {
      ids.put(row, startId);
    }
    FloatBuffer scores =
        ByteBuffer.allocateDirect(Float.BYTES * rows * vocabulary)
            .order(ByteOrder.nativeOrder())
            .asFloatBuffer();
    float[] line = new float[vocabulary];
    int[][] made = new int[rows][tokens];
    try {
      Object source = ofLongs.invoke(sourceIds, new long[] {rows, length});
      Object mask = ofLongs.invoke(ones, new long[] {rows, length});
      Object token = ofLongs.invoke(ids, new long[] {rows, 1});
      Object logits = ofFloats.invoke(scores, new long[] {rows, 1, vocabulary});
      Map<String, Object> pinned = Map.of(LOGITS, logits);
      Object encoded =
          run.invokeExact(
              encoder,
              (Map<?, ?>) Map.of("input_ids", source, "attention_mask", mask),
              Set.of("last_hidden_state"),
              Map.of());
      Map<String, Object> in = new LinkedHashMap<>();
      in.put("encoder_attention_mask", mask);
      in.put("input_ids", token);
      in.put("encoder_hidden_states", of(encoded, "last_hidden_state"));
      Object begun = run.invokeExact(first, (Map<?, ?>) in, firstOutputs, (Map<?, ?>) pinned);
      in.remove("encoder_hidden_states");
      bind(in, begun, firstOutputs);
      Object before = begun;
      for (int step = 0; step < tokens; step++) {
        for (int row = 0; row < rows; row++) {
          scores.get(row * vocabulary, line);
          made[row][step] = largest(line);
          ids.put(row, made[row][step]);
        }
        if (step + 1 == tokens) {
          break;
        }
        Object after = run.invokeExact(next, (Map<?, ?>) in, nextOutputs, (Map<?, ?>) pinned);
        bind(in, after, nextOutputs);
        if (before != begun) { // whose keys of cross attention stay bound
          closeResult.invokeExact(before);
        }
        before = after;
      }
      if (before != begun) {
        closeResult.invokeExact(before);
      }
      closeResult.invokeExact(begun);
      closeResult.invokeExact(encoded);
      for (Object one : List.of(source, mask, token, logits)) {
        closeTensor.invokeExact(one);
      }
    } catch (Throwable e) {
      throw new IllegalStateException("ONNX Runtime: decoding failed: " + e, e);
    }
    return made;
  }

  /// Makes a step's outputs the next one's inputs.
  private void bind(Map<String, Object> in, Object outputs, Set<String> names) throws Throwable {
    for (String name : names) {
      in.put(name.replace(PRESENT, PAST), of(outputs, name));
    }
  }

  private Object of(Object outputs, String name) throws Throwable {
    var found = (Optional<?>) get.invokeExact(outputs, name);
    return found.orElseThrow();
  }

  /// Two passes, each of which the compiler turns into vectors.
  private static int largest(float[] line) {
    float most = Float.NEGATIVE_INFINITY;
    for (float value : line) {
      most = Math.max(most, value);
    }
    for (int i = 0; i < line.length; i++) {
      if (line[i] == most) {
        return i;
      }
    }
    throw new IllegalStateException("ONNX Runtime: logits without a largest, of which one is NaN");
  }

  private static LongBuffer longs(int count) {
    return ByteBuffer.allocateDirect(Long.BYTES * count)
        .order(ByteOrder.nativeOrder())
        .asLongBuffer();
  }

  @Override
  public void close() {
    for (Object one : opened) {
      try {
        session.getMethod("close").invoke(one);
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException("ONNX Runtime: a session cannot be closed", e);
      }
    }
  }
}
