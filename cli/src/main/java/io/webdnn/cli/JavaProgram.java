package io.webdnn.cli;

import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.util.JavacTask;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.Writer;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import javax.tools.FileObject;
import javax.tools.ForwardingJavaFileManager;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.StandardLocation;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;

/// A Java program in source form: its first class, compiled in memory together with the classes
/// beside it that it uses, as `java FILE.java` does (JEP 330, JEP 458, JEP 512).
///
/// The JDK's own source launcher cannot be told what to print when a program fails.
record JavaProgram(Class<?> type) {

    /// Compiles a file against the modules that run here.
    ///
    /// @param diagnostics where the compiler's errors go
    /// @throws CommandException if it does not compile or holds no class
    static JavaProgram compile(Path file, Writer diagnostics) throws IOException {
        var compiler = ToolProvider.getSystemJavaCompiler();
        try (var standard = compiler.getStandardFileManager(null, null, null);
                var memory = new Memory(standard)) {
            var task =
                    (JavacTask)
                            compiler.getTask(
                                    diagnostics,
                                    memory,
                                    null,
                                    options(),
                                    null,
                                    standard.getJavaFileObjects(file));
            var unit = task.parse().iterator().next();
            standard.setLocationFromPaths(
                    StandardLocation.SOURCE_PATH, List.of(sourceRoot(file, unit)));
            var name = nameOfFirstClass(file, unit);
            task.analyze();
            task.generate();
            diagnostics.flush();
            if (!memory.classes.containsKey(name)) {
                throw CommandException.failed(file + ": compilation failed");
            }
            try {
                return new JavaProgram(new Loader(memory.classes).loadClass(name));
            } catch (ClassNotFoundException e) {
                throw new AssertionError("it was compiled just now", e);
            }
        }
    }

    /// Calls `main`, with the arguments if it takes any, on an instance if it is not static.
    ///
    /// @throws Throwable what the program throws
    void run(List<String> arguments) throws Throwable {
        var withArguments = findMain(String[].class);
        var main = withArguments != null ? withArguments : findMain();
        if (main == null) {
            throw CommandException.failed(
                    type.getName() + ": expected a method main(String[] arguments), got none");
        }
        try {
            Object on = null;
            if (!Modifier.isStatic(main.getModifiers())) {
                var constructor = type.getDeclaredConstructor();
                constructor.setAccessible(true);
                on = constructor.newInstance();
            }
            if (main.getParameterCount() == 1) {
                main.invoke(on, (Object) arguments.toArray(new String[0]));
            } else {
                main.invoke(on);
            }
        } catch (InvocationTargetException e) {
            throw e.getCause() == null ? e : e.getCause();
        }
    }

    private @Nullable Method findMain(Class<?>... parameters) {
        for (Class<?> c = type; c != null; c = c.getSuperclass()) {
            try {
                var method = c.getDeclaredMethod("main", parameters);
                method.setAccessible(true);
                return method;
            } catch (NoSuchMethodException e) {
                // then a superclass may have it
            }
        }
        return null;
    }

    /// {@return the place in this program that a failure came through last, or null if it did not}
    @Nullable StackTraceElement place(Throwable failure) {
        for (var frame : failure.getStackTrace()) {
            if (isOfProgram(frame)) return frame;
        }
        return null;
    }

    /// Leaves out of a stack trace what lies before `main`.
    void trim(Throwable failure) {
        var frames = failure.getStackTrace();
        int end = frames.length;
        while (end > 0 && !isOfProgram(frames[end - 1])) end--;
        if (end > 0)
            failure.setStackTrace(
                    List.of(frames).subList(0, end).toArray(new StackTraceElement[0]));
    }

    private boolean isOfProgram(StackTraceElement frame) {
        return Loader.NAME.equals(frame.getClassLoaderName());
    }

    private static List<String> options() {
        var options = new ArrayList<>(List.of("-proc:none", "-Xlint:none", "-nowarn"));
        var modulePath = System.getProperty("jdk.module.path");
        if (modulePath != null) {
            var ours =
                    ModuleLayer.boot().modules().stream()
                            .map(Module::getName)
                            .filter(name -> name.startsWith("io.webdnn."))
                            .sorted()
                            .collect(Collectors.joining(","));
            options.addAll(List.of("--module-path", modulePath, "--add-modules", ours));
        }
        options.addAll(List.of("--class-path", System.getProperty("java.class.path", "")));
        return options;
    }

    /// The directory in which the packages of a file's classes begin.
    private static Path sourceRoot(Path file, CompilationUnitTree unit) {
        var name = unit.getPackageName();
        int depth = name == null ? 0 : name.toString().split("\\.", -1).length;
        return file.toAbsolutePath().resolve("../".repeat(depth + 1)).normalize();
    }

    private static String nameOfFirstClass(Path file, CompilationUnitTree unit) {
        for (var declaration : unit.getTypeDecls()) {
            if (declaration instanceof ClassTree first) {
                var prefix = unit.getPackageName() == null ? "" : unit.getPackageName() + ".";
                return prefix + first.getSimpleName();
            }
        }
        throw CommandException.failed(file + ": expected a class, got none");
    }

    /// Keeps the class files that the compiler writes.
    private static final class Memory extends ForwardingJavaFileManager<StandardJavaFileManager> {
        final Map<String, ByteArrayOutputStream> classes = new HashMap<>();

        Memory(StandardJavaFileManager standard) {
            super(standard);
        }

        @Override
        public JavaFileObject getJavaFileForOutput(
                Location location, String name, JavaFileObject.Kind kind, FileObject sibling) {
            var uri = URI.create("memory:///" + name.replace('.', '/') + kind.extension);
            return new SimpleJavaFileObject(uri, kind) {
                @Override
                public OutputStream openOutputStream() {
                    var bytes = new ByteArrayOutputStream();
                    classes.put(name, bytes);
                    return bytes;
                }
            };
        }
    }

    private static final class Loader extends ClassLoader {
        static final String NAME = "program";

        private final Map<String, ByteArrayOutputStream> classes;

        Loader(Map<String, ByteArrayOutputStream> classes) {
            super(NAME, JavaProgram.class.getClassLoader());
            this.classes = classes;
        }

        @Override
        protected Class<?> findClass(String name) throws ClassNotFoundException {
            var bytes = classes.get(name);
            if (bytes == null) throw new ClassNotFoundException(name);
            return defineClass(name, bytes.toByteArray(), 0, bytes.size());
        }
    }
}
