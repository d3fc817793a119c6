package dev.quintet.app.cli;

import dev.quintet.app.demo.DemoFolderException;
import dev.quintet.app.demo.TooFewMethodsException;
import dev.quintet.core.backend.DeviceException;
import dev.quintet.core.backend.DeviceUnavailableException;
import dev.quintet.core.io.MalformedFileException;
import dev.quintet.models.checkpoint.CheckpointException;
import dev.quintet.models.hub.HubException;
import dev.quintet.trainer.data.MalformedDataException;
import dev.quintet.trainer.loop.OtherRunException;
import dev.quintet.trainer.loop.TrainingException;
import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.regex.Pattern;
import java.util.zip.ZipException;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/// Turns what went wrong into one line on standard error and an exit code: the one place that decides between 1 and 2.
final class Failures implements IExecutionExceptionHandler, IParameterExceptionHandler {
  static final int FAILED = 1;
  static final int BAD_INPUT = 2;

  /// What a user can put right, whatever it was caused by: the message says how.
  private static final List<Class<? extends Exception>> USERS =
      List.of(
          ParameterException.class,
          IllegalArgumentException.class,
          UnsupportedOperationException.class,
          MalformedFileException.class,
          dev.quintet.tokenizers.file.MalformedFileException.class,
          MalformedDataException.class,
          CheckpointException.class,
          DeviceUnavailableException.class,
          OtherRunException.class,
          DemoFolderException.class,
          TooFewMethodsException.class);

  /// What is wrong with a name and not with a disk, where Java has no exception of its own for it.
  private static final List<String> OF_NAMES =
      List.of(
          "Is a directory",
          "is a folder",
          "Not a directory",
          "Read-only file system",
          "File name too long",
          "Too many levels of symbolic links",
          "Operation not permitted");

  private static final Pattern JAVAS_NAMES =
      Pattern.compile("\\bjava\\.(io|net|nio|util|lang)\\.[\\w.]*Exception: ");

  private final BooleanSupplier verbose;

  Failures(BooleanSupplier verbose) {
    this.verbose = verbose;
  }

  @Override
  public int handleParseException(ParameterException e, String[] args) {
    CommandLine command = e.getCommandLine();
    String name = command.getCommandSpec().qualifiedName();
    var near =
        e instanceof UnmatchedArgumentException unmatched
            ? unmatched.getSuggestions()
            : List.<String>of();
    String hint = near.isEmpty() ? "" : "; near: " + String.join(", ", near);
    command
        .getErr()
        .println(
            name
                + ": "
                + line(String.valueOf(e.getMessage()))
                + hint
                + " ("
                + name
                + " --help says more)");
    trace(e, command);
    return BAD_INPUT;
  }

  @Override
  public int handleExecutionException(Exception e, CommandLine command, ParseResult parsed) {
    command.getOut().flush();
    String name = command.getCommandSpec().qualifiedName();
    int code = code(e);
    boolean known =
        code == BAD_INPUT
            || e instanceof TrainingException
            || e instanceof HubException
            || e instanceof DeviceException
            || input(e).isPresent();
    String more = known || verbose.getAsBoolean() ? "" : " (--verbose shows where)";
    command.getErr().println(name + ": " + message(e, known) + more);
    trace(e, command);
    return code;
  }

  /// The exit code of a failure.
  private static int code(Exception e) {
    if (e instanceof HubException hub) {
      return hub.isOfRequest() ? BAD_INPUT : FAILED;
    }
    Optional<IOException> input = input(e);
    boolean users =
        input.map(Failures::isOfFile).orElse(USERS.stream().anyMatch(kind -> kind.isInstance(e)));
    return users ? BAD_INPUT : FAILED;
  }

  /// The failure of a file, a disk or a connection that an exception is, or is there to report.
  private static Optional<IOException> input(Exception e) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof IOException io && !(cause instanceof CharacterCodingException)) {
        return Optional.of(io);
      }
    }
    return Optional.empty();
  }

  /// Whether a file's name or contents are at fault, as Linux, macOS and Java say it; else its disk or a connection is.
  private static boolean isOfFile(IOException e) {
    if (e instanceof NoSuchFileException
        || e instanceof AccessDeniedException
        || e instanceof FileAlreadyExistsException
        || e instanceof DirectoryNotEmptyException
        || e instanceof NotDirectoryException
        || e instanceof FileSystemLoopException
        || e instanceof FileNotFoundException
        || e instanceof EOFException
        || e instanceof ZipException) {
      return true;
    }
    String message = String.valueOf(e.getMessage());
    return e.getCause() instanceof IOException cause && isOfFile(cause)
        || OF_NAMES.stream().anyMatch(message::contains);
  }

  /// Shows which commands there are, where none was given.
  ///
  /// @return the exit code
  static int whichCommand(CommandLine command) {
    command.getErr().println(command.getCommandSpec().qualifiedName() + ": which command?");
    command.usage(command.getErr());
    return BAD_INPUT;
  }

  /// What no command can answer for: no memory left, a class that is missing.
  static int error(Error e, boolean verbose, PrintWriter err) {
    String advice =
        e instanceof OutOfMemoryError
            ? "; take smaller batches or shorter texts, or give Java more (JAVA_TOOL_OPTIONS=-Xmx8g)"
            : "";
    err.println(
        "quintet: " + line(e.toString()) + advice + (verbose ? "" : " (--verbose shows where)"));
    if (verbose) {
      e.printStackTrace(err);
    }
    return FAILED;
  }

  private void trace(Exception e, CommandLine command) {
    if (verbose.getAsBoolean()) {
      e.printStackTrace(command.getErr());
    }
  }

  private static String message(Exception e, boolean known) {
    if (e instanceof IOException io) {
      return line(ofFile(io));
    }
    // An exception that only wraps another has the other's name and message for its own; one of the
    // file system says more
    // than that something could not be read.
    if (e.getCause() instanceof IOException io
        && (io instanceof FileSystemException || String.valueOf(io).equals(e.getMessage()))) {
      return line(ofFile(io));
    }
    String said = known && e.getMessage() != null ? e.getMessage() : e.toString();
    // What could not be done is half of it: the disk's or the connection's reason belongs to it.
    String reason = e.getCause() instanceof IOException io ? String.valueOf(io.getMessage()) : "";
    return line(said.contains(reason) ? said : said + ": " + reason);
  }

  /// Java's messages for files are often a path alone.
  private static String ofFile(IOException e) {
    if (!(e instanceof FileSystemException file)) {
      return String.valueOf(e.getMessage());
    }
    String reason = file.getReason() == null ? "" : ": " + file.getReason();
    return switch (file) {
      case NoSuchFileException _ -> file.getFile() + " does not exist" + reason;
      case NotDirectoryException _ -> file.getFile() + " is no folder" + reason;
      case FileAlreadyExistsException _ -> file.getFile() + " is there already" + reason;
      case AccessDeniedException _ -> file.getFile() + " may not be read or written" + reason;
      default -> String.valueOf(file.getMessage());
    };
  }

  private static String line(String message) {
    return JAVAS_NAMES.matcher(message.strip().replaceAll("\\s*\\R\\s*", "; ")).replaceAll("");
  }
}
