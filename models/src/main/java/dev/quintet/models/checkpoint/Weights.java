package dev.quintet.models.checkpoint;

import dev.quintet.core.io.SafetensorsFile;
import dev.quintet.core.io.TensorEntry;
import dev.quintet.models.torch.TorchFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/// The tensors of a model folder, or of one file: mapped, checked and found by name.
///
/// A folder holds `model.safetensors`; or shards with an index; or, read only where that is allowed,
/// `pytorch_model.bin` or its shards. They are looked for in this order, as transformers does.
public final class Weights implements AutoCloseable {
  static final String SINGLE = "model.safetensors";
  static final String INDEX = "model.safetensors.index.json";
  static final String PICKLE = "pytorch_model.bin";
  static final String PICKLE_INDEX = "pytorch_model.bin.index.json";
  static final String SAFETENSORS = ".safetensors";

  private static final List<String> EMBEDDING =
      Stream.concat(T5Weights.SHARED_ALIASES.stream(), Stream.of(T5Weights.HEAD)).toList();

  private final Path place;
  private final Map<Path, Open> files = new LinkedHashMap<>();
  private final Map<String, StoredTensor> tensors = new LinkedHashMap<>();
  private final Map<StoredTensor, Open> holders = new IdentityHashMap<>();

  /// A file that is unmapped with its last user.
  private static final class Open {
    private final Runnable close;
    private final AtomicInteger users = new AtomicInteger(1);

    Open(Runnable close) {
      this.close = close;
    }

    Runnable use() {
      users.incrementAndGet();
      return this::done;
    }

    void done() {
      if (users.decrementAndGet() == 0) {
        close.run();
      }
    }
  }

  private Weights(Path place) {
    this.place = place;
  }

  /// Opens the weights of a folder, or a file of weights.
  ///
  /// @param place a folder, a `.safetensors` file, or a file of PyTorch
  /// @param pickle whether files of PyTorch may be read
  /// @throws CheckpointException if there are no weights that may be read
  /// @throws dev.quintet.core.io.MalformedFileException if a file breaks its format's rules
  /// @throws java.io.UncheckedIOException if a file cannot be read
  public static Weights open(Path place, boolean pickle) {
    var weights = new Weights(place);
    boolean opened = false;
    try {
      weights.openAll(pickle);
      opened = true;
      return weights;
    } finally {
      if (!opened) {
        weights.close();
      }
    }
  }

  /// The folder or file.
  public Path place() {
    return place;
  }

  /// The files that are open.
  public List<Path> files() {
    return List.copyOf(files.keySet());
  }

  /// The tensors' names, in the files' order.
  public Set<String> names() {
    return Collections.unmodifiableSet(tensors.keySet());
  }

  /// All tensors, in the files' order.
  public List<StoredTensor> tensors() {
    return List.copyOf(tensors.values());
  }

  /// A tensor, if there is one of this name.
  public Optional<StoredTensor> find(String name) {
    return Optional.ofNullable(tensors.get(name));
  }

  /// The names that are one matrix with another, each with the name that stands for it: those of the embedding and the
  /// tied head where their contents are equal, `shared.weight` before others; and, in files of PyTorch, all that
  /// share their memory.
  public Map<String, String> tied() {
    var found = new TreeMap<String, String>();
    var embeddings = new ArrayList<StoredTensor>();
    var memory = new HashMap<String, String>();
    var names = new LinkedHashSet<>(EMBEDDING);
    names.retainAll(tensors.keySet());
    names.addAll(tensors.keySet());
    for (String name : names) {
      StoredTensor tensor = Objects.requireNonNull(tensors.get(name));
      String first = memory.putIfAbsent(tensor.memory(), name);
      if (first == null && EMBEDDING.contains(name)) {
        first =
            embeddings.stream()
                .filter(one -> SmallTensor.same(this, tensor, one))
                .map(StoredTensor::name)
                .findFirst()
                .orElse(null);
        embeddings.add(tensor);
      }
      if (first != null) {
        found.put(name, first);
      }
    }
    return Collections.unmodifiableMap(found);
  }

  /// Keeps a tensor's file mapped; what is returned ends that and is run once.
  Runnable use(StoredTensor tensor) {
    Open holder = holders.get(tensor);
    if (holder == null) {
      throw new IllegalArgumentException(tensor.name() + " is not of " + place);
    }
    return holder.use();
  }

  /// Unmaps the files but those that parameters still lie in.
  @Override
  public void close() {
    files.values().forEach(Open::done);
    files.clear();
    tensors.clear();
    holders.clear();
  }

  // ---- opening ----

  private void openAll(boolean pickle) {
    if (!Files.isDirectory(place)) {
      boolean safetensors = place.toString().endsWith(SAFETENSORS);
      if (!Files.exists(place)) {
        throw FolderContents.noModel(place, "");
      }
      if (!safetensors) {
        allow(place, pickle);
      }
      read(place, safetensors);
    } else if (Files.exists(place.resolve(SINGLE))) {
      read(place.resolve(SINGLE), true);
    } else if (Files.exists(place.resolve(INDEX))) {
      readShards(WeightIndex.read(place.resolve(INDEX), SAFETENSORS), true);
    } else if (Files.exists(place.resolve(PICKLE))) {
      allow(place.resolve(PICKLE), pickle);
      read(place.resolve(PICKLE), false);
    } else if (Files.exists(place.resolve(PICKLE_INDEX))) {
      allow(place.resolve(PICKLE_INDEX), pickle);
      readShards(WeightIndex.read(place.resolve(PICKLE_INDEX), ".bin"), false);
    } else {
      throw FolderContents.noModel(place, "it has no weights, neither " + SINGLE + " nor " + INDEX);
    }
  }

  private static void allow(Path file, boolean pickle) {
    if (!pickle) {
      throw new CheckpointException(
          file
              + " is a pickle, which is read only when asked for (the tensors alone; nothing in it is"
              + " run): convert it once with `quintet convert`, or load with"
              + " LoadOptions.DEFAULT.withPickle()");
    }
  }

  private void readShards(WeightIndex index, boolean safetensors) {
    for (String name : new LinkedHashSet<>(index.files().values())) {
      for (StoredTensor tensor : tensorsOf(place.resolve(name), safetensors)) {
        String said = index.files().get(tensor.name());
        if (said == null) {
          throw index.wrong(
              tensor.name(),
              "every tensor of the files stands in \"weight_map\", but "
                  + tensor.name()
                  + " of "
                  + name
                  + " does not");
        }
        if (!said.equals(name)) {
          throw index.wrong(
              tensor.name(),
              "each tensor is in the file that \"weight_map\" says and in no other, but "
                  + tensor.name()
                  + " is in "
                  + name
                  + ", not only in "
                  + said);
        }
        tensors.put(tensor.name(), tensor);
      }
    }
    for (var entry : index.files().entrySet()) {
      if (!tensors.containsKey(entry.getKey())) {
        throw index.wrong(
            entry.getKey(),
            "each tensor is in the file that \"weight_map\" says, but "
                + entry.getKey()
                + " is not in "
                + entry.getValue());
      }
    }
  }

  private void read(Path path, boolean safetensors) {
    for (StoredTensor tensor : tensorsOf(path, safetensors)) {
      tensors.put(tensor.name(), tensor);
    }
  }

  private List<StoredTensor> tensorsOf(Path file, boolean safetensors) {
    Path path = FolderContents.plain(file);
    var found = new ArrayList<StoredTensor>();
    Open open;
    if (safetensors) {
      SafetensorsFile mapped = SafetensorsFile.openPrivate(path);
      open = new Open(mapped::close);
      for (String name : mapped.names()) {
        TensorEntry entry = mapped.entry(name);
        List<Long> dims = Arrays.stream(entry.dims()).boxed().toList();
        found.add(new StoredTensor.Mapped(name, path, entry.type(), dims, mapped.segment(name)));
      }
    } else {
      TorchFile torch = TorchFile.open(path);
      open = new Open(torch::close);
      torch
          .tensors()
          .forEach((name, tensor) -> found.add(new StoredTensor.Pickled(name, path, tensor)));
    }
    files.put(path, open);
    found.forEach(tensor -> holders.put(tensor, open));
    return found;
  }
}
