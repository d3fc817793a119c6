package dev.quintet.tokenizers.sentencepiece.file;

import dev.quintet.tokenizers.file.MalformedFileException;
import dev.quintet.tokenizers.file.TokenizerFiles;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/// A SentencePiece model file (`.model`, a protocol-buffers message): its pieces and how a text is
/// normalized. The file's bytes are kept, so that it is written as it was read.
public final class SentencePieceModel {

  /// What a piece is for; the numbers are the file's.
  public enum Type {
    /// An ordinary piece.
    NORMAL,
    /// What no piece covers; there is exactly one.
    UNKNOWN,
    /// A control token such as `</s>`, which never comes from a text.
    CONTROL,
    /// A piece that is always found in a text before any other.
    USER_DEFINED,
    /// A piece that is not given out.
    UNUSED,
    /// A byte, for what no piece covers.
    BYTE
  }

  /// How texts are segmented; the numbers from 1 are the file's.
  public enum Algorithm {
    /// The most probable segmentation.
    UNIGRAM,
    /// Merges by score.
    BPE,
    /// Whole words.
    WORD,
    /// Single characters.
    CHAR
  }

  private static final int MAX_PIECES = 4_000_000;
  private static final int MAX_PIECE_BYTES = 1 << 16;
  private static final Type[] TYPES = Type.values();
  private static final Algorithm[] ALGORITHMS = Algorithm.values();

  private final byte[] bytes;
  private final String file;
  private final List<String> pieces = new ArrayList<>();
  private float[] scores = new float[64];
  private byte[] types = new byte[64];
  private final Map<String, Integer> normal = new HashMap<>();
  private final Map<String, Integer> reserved = new HashMap<>();
  private NormalizerSpec normalizer = NormalizerSpec.DEFAULT;
  private Optional<NormalizerSpec> denormalizer = Optional.empty();
  private Algorithm algorithm = Algorithm.UNIGRAM;
  private boolean byteFallback;
  private boolean whitespaceAsSuffix;
  private String unknownSurface = " ⁇ ";
  private String bosPiece = "<s>";
  private String eosPiece = "</s>";
  private String padPiece = "<pad>";
  private int unknown = -1;
  private final List<Sample> samples = new ArrayList<>();

  /// A text and what it is to give, with which a model is tested when it is loaded. A file may hold
  /// any bytes here; the strings have U+FFFD for what is not UTF-8.
  public static final class Sample {
    private final byte[] input;
    private final byte[] expected;

    private Sample(byte[] input, byte[] expected) {
      this.input = input;
      this.expected = expected;
    }

    /// The text.
    ///
    /// @return the text
    public String input() {
      return new String(input, StandardCharsets.UTF_8);
    }

    /// What it is to give.
    ///
    /// @return its pieces, joined by spaces
    public String expected() {
      return new String(expected, StandardCharsets.UTF_8);
    }

    /// The text as the file has it.
    ///
    /// @return a copy
    public byte[] inputBytes() {
      return input.clone();
    }

    /// Whether these pieces are what the text is to give, byte for byte.
    ///
    /// @param pieces pieces, joined by spaces
    /// @return whether they are
    public boolean expects(String pieces) {
      return Arrays.equals(expected, pieces.getBytes(StandardCharsets.UTF_8));
    }
  }

  private SentencePieceModel(String file, byte[] bytes) {
    this.file = file;
    this.bytes = bytes;
  }

  /// Reads a file.
  ///
  /// @param file the file, at most 64 MiB
  /// @return the model
  /// @throws MalformedFileException when it breaks a rule
  /// @throws java.io.UncheckedIOException when it cannot be read
  public static SentencePieceModel read(Path file) {
    return parse(file.toString(), TokenizerFiles.read(file));
  }

  /// Whether a file's first byte is that of a SentencePiece model: its first field is a piece.
  ///
  /// @param bytes the file's bytes
  /// @return whether it may be one
  public static boolean mayBe(byte[] bytes) {
    return bytes.length > 0 && bytes[0] == 0x0A;
  }

  /// Reads what is in memory.
  ///
  /// @param name what error messages call it
  /// @param bytes the file's bytes
  /// @return the model
  /// @throws MalformedFileException when they break a rule
  public static SentencePieceModel parse(String name, byte[] bytes) {
    SentencePieceModel model = new SentencePieceModel(name, bytes.clone());
    model.read();
    model.check();
    return model;
  }

  private void read() {
    ProtoReader in = new ProtoReader(file, bytes);
    while (in.next()) {
      switch (in.number()) {
        case 1 -> piece(in.message());
        case 2 -> trainer(in.message());
        case 3 -> normalizer = NormalizerSpec.read(in.message());
        case 4 -> selfTest(in.message());
        case 5 -> denormalizer = Optional.of(NormalizerSpec.read(in.message()));
        default -> {}
      }
    }
  }

  private void selfTest(ProtoReader in) {
    while (in.next()) {
      if (in.number() == 1) {
        ProtoReader sample = in.message();
        byte[] input = {};
        byte[] expected = {};
        while (sample.next()) {
          switch (sample.number()) {
            case 1 -> input = sample.byteArray();
            case 2 -> expected = sample.byteArray();
            default -> {}
          }
        }
        samples.add(new Sample(input, expected));
      }
    }
  }

  private void piece(ProtoReader in) {
    String piece = "";
    float score = 0;
    int type = 1;
    while (in.next()) {
      switch (in.number()) {
        case 1 -> piece = in.string();
        case 2 -> score = in.float32();
        case 3 -> type = in.int32();
        default -> {}
      }
    }
    int id = pieces.size();
    if (piece.isEmpty()) {
      throw in.malformed(in.offset(), "a piece that is not empty, id " + id);
    }
    if (piece.getBytes(StandardCharsets.UTF_8).length > MAX_PIECE_BYTES || id == MAX_PIECES) {
      throw in.malformed(
          in.offset(),
          "at most " + MAX_PIECES + " pieces of at most " + MAX_PIECE_BYTES + " bytes, id " + id);
    }
    if (type < 1 || type > TYPES.length) {
      throw in.malformed(in.offset(), "a piece type from 1 to 6, got " + type + ", id " + id);
    }
    if (Float.isNaN(score)) {
      throw in.malformed(in.offset(), "a score that is a number, id " + id);
    }
    Type kind = TYPES[type - 1];
    boolean found =
        switch (kind) {
          case NORMAL, USER_DEFINED, UNUSED -> true;
          case UNKNOWN, CONTROL, BYTE -> false;
        };
    if ((found ? normal : reserved).putIfAbsent(piece, id) != null) {
      throw in.malformed(in.offset(), "pieces that differ, got \"" + piece + "\" twice");
    }
    if (kind == Type.UNKNOWN) {
      if (unknown >= 0) {
        throw in.malformed(in.offset(), "one unknown piece, got " + unknown + " and " + id);
      }
      unknown = id;
    }
    if (id == scores.length) {
      scores = Arrays.copyOf(scores, 2 * id);
      types = Arrays.copyOf(types, 2 * id);
    }
    pieces.add(piece);
    scores[id] = score;
    types[id] = (byte) kind.ordinal();
  }

  private void trainer(ProtoReader in) {
    while (in.next()) {
      switch (in.number()) {
        case 3 -> {
          int type = in.int32();
          if (type < 1 || type > ALGORITHMS.length) {
            throw in.malformed(in.offset(), "a model type from 1 to 4, got " + type);
          }
          algorithm = ALGORITHMS[type - 1];
        }
        case 24 -> whitespaceAsSuffix = in.bool();
        case 35 -> byteFallback = in.bool();
        case 44 -> unknownSurface = in.string();
        case 46 -> bosPiece = in.string();
        case 47 -> eosPiece = in.string();
        case 48 -> padPiece = in.string();
        default -> {}
      }
    }
  }

  private void check() {
    if (unknown < 0) {
      throw broken("one unknown piece, got none");
    }
    int count = 0;
    for (int id = 0; id < size(); id++) {
      if (type(id) == Type.BYTE) {
        if (!byteFallback) {
          throw broken("byte pieces only with byte_fallback, got \"" + piece(id) + "\"");
        }
        if (!piece(id).matches("<0x[0-9A-F]{2}>")) {
          throw broken("byte pieces such as <0x0A>, got \"" + piece(id) + "\"");
        }
        count++;
      }
    }
    if (byteFallback && count != 256) {
      throw broken("256 byte pieces with byte_fallback, got " + count);
    }
  }

  private MalformedFileException broken(String expected) {
    return new MalformedFileException(file, "the pieces", "expected " + expected);
  }

  /// This model with more pieces after its own, which keep their ids; all else stays as it is.
  ///
  /// @param more the new pieces in the order of their ids, not empty
  /// @return the model
  /// @throws MalformedFileException when a piece breaks a rule, such as to stand twice
  public SentencePieceModel withPieces(List<SentencePieceEntry> more) {
    ProtoReader in = new ProtoReader(file, bytes);
    int last = 0;
    while (in.next()) {
      last = in.number() == 1 ? in.offset() : last;
    }
    ProtoWriter added = new ProtoWriter();
    for (SentencePieceEntry one : more) {
      ProtoWriter piece = new ProtoWriter().string(1, one.piece()).float32(2, one.score());
      if (one.type() != Type.NORMAL) {
        piece.number(3, one.type().ordinal() + 1);
      }
      added.message(1, piece);
    }
    byte[] extra = added.toBytes();
    byte[] all = new byte[bytes.length + extra.length];
    System.arraycopy(bytes, 0, all, 0, last);
    System.arraycopy(extra, 0, all, last, extra.length);
    System.arraycopy(bytes, last, all, last + extra.length, bytes.length - last);
    return parse(file, all);
  }

  /// The samples that the file holds.
  ///
  /// @return the samples, often none
  public List<Sample> samples() {
    return List.copyOf(samples);
  }

  /// The same model with fewer pieces in use, as SentencePiece's `set_vocabulary`: ordinary pieces of
  /// more than one character that are not among the given ones count as unused, all others as
  /// ordinary. What is written stays the whole file.
  ///
  /// @param wanted the pieces that stay in use
  /// @return a model with the same ids
  public SentencePieceModel withVocabulary(Set<String> wanted) {
    SentencePieceModel restricted = new SentencePieceModel(file, bytes);
    restricted.read();
    for (int id = 0; id < size(); id++) {
      if (type(id) == Type.NORMAL || type(id) == Type.UNUSED) {
        String piece = piece(id);
        boolean used = wanted.contains(piece) || piece.codePointCount(0, piece.length()) == 1;
        restricted.types[id] = (byte) (used ? Type.NORMAL : Type.UNUSED).ordinal();
      }
    }
    return restricted;
  }

  /// Writes the file as it was read, whole or not at all.
  ///
  /// @param to where to
  /// @throws java.io.UncheckedIOException when it cannot be written
  public void write(Path to) {
    TokenizerFiles.write(to, bytes);
  }

  /// The file's bytes.
  ///
  /// @return a copy
  public byte[] toBytes() {
    return bytes.clone();
  }

  /// What error messages call this model.
  ///
  /// @return the file's name
  public String name() {
    return file;
  }

  /// The number of pieces.
  ///
  /// @return the number of pieces; ids count from 0
  public int size() {
    return pieces.size();
  }

  /// A piece.
  ///
  /// @param id its id
  /// @return its text
  public String piece(int id) {
    return pieces.get(id);
  }

  /// A piece's score.
  ///
  /// @param id its id
  /// @return the score
  public float score(int id) {
    return scores[id];
  }

  /// What a piece is for.
  ///
  /// @param id its id
  /// @return the type
  public Type type(int id) {
    return TYPES[types[id]];
  }

  /// The id of a piece; control, unknown and byte pieces come before others of the same text.
  ///
  /// @param piece its text
  /// @return the id, or nothing
  public OptionalInt id(String piece) {
    Integer id = reserved.get(piece);
    if (id == null) {
      id = normal.get(piece);
    }
    return id == null ? OptionalInt.empty() : OptionalInt.of(id);
  }

  private OptionalInt control(String piece) {
    OptionalInt id = id(piece);
    return id.isPresent() && type(id.getAsInt()) == Type.CONTROL ? id : OptionalInt.empty();
  }

  /// The piece that stands for what no piece covers.
  ///
  /// @return its id
  public int unknown() {
    return unknown;
  }

  /// The mark that begins a sequence.
  ///
  /// @return its id, or nothing
  public OptionalInt bos() {
    return control(bosPiece);
  }

  /// The mark that ends a sequence.
  ///
  /// @return its id, or nothing
  public OptionalInt eos() {
    return control(eosPiece);
  }

  /// The mark that pads.
  ///
  /// @return its id, or nothing
  public OptionalInt pad() {
    return control(padPiece);
  }

  /// How a text is normalized.
  ///
  /// @return the rules
  public NormalizerSpec normalizer() {
    return normalizer;
  }

  /// What is done to decoded text, if anything.
  ///
  /// @return the rules
  public Optional<NormalizerSpec> denormalizer() {
    return denormalizer;
  }

  /// How texts are segmented.
  ///
  /// @return the algorithm
  public Algorithm algorithm() {
    return algorithm;
  }

  /// Whether characters that no piece covers become bytes.
  ///
  /// @return whether there are byte pieces
  public boolean byteFallback() {
    return byteFallback;
  }

  /// Whether words carry their space at the end.
  ///
  /// @return whether white space is a suffix
  public boolean whitespaceAsSuffix() {
    return whitespaceAsSuffix;
  }

  /// What the unknown piece decodes to.
  ///
  /// @return the text
  public String unknownSurface() {
    return unknownSurface;
  }
}
