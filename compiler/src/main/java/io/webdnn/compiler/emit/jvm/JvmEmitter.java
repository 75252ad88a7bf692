package io.webdnn.compiler.emit.jvm;

import static java.lang.classfile.ClassFile.ACC_FINAL;
import static java.lang.classfile.ClassFile.ACC_PRIVATE;
import static java.lang.classfile.ClassFile.ACC_PUBLIC;
import static java.lang.classfile.ClassFile.ACC_STATIC;
import static java.lang.classfile.ClassFile.ACC_SUPER;
import static java.lang.constant.ConstantDescs.CD_Object;
import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_void;
import static java.lang.constant.ConstantDescs.INIT_NAME;
import static java.lang.constant.ConstantDescs.MTD_void;

import io.webdnn.compiler.loop.Kernel;
import io.webdnn.compiler.loop.ScalarType;
import java.lang.classfile.ClassBuilder;
import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.TypeKind;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.util.ArrayList;
import java.util.List;

/// Writes a kernel as a class that implements [KernelCode]: a static method per phase, whose
/// parameters are the arrays, the symbolic sizes and the range of iterations.
///
/// Arrays are parameters, all used from offset 0, because that is what lets the JVM's compiler
/// vectorise the loops. Bytes depend on the kernel alone, never on names.
public final class JvmEmitter {
    private static final ClassDesc SELF =
            ClassDesc.of(JvmEmitter.class.getPackageName(), "EmittedKernel");
    private static final ClassDesc INTERFACE =
            ClassDesc.ofDescriptor(KernelCode.class.descriptorString());
    private static final ClassDesc OBJECTS = CD_Object.arrayType();
    private static final ClassDesc INTS = CD_int.arrayType();

    private final Kernel kernel;
    private final List<Phase> phases;
    private final MethodTypeDesc phaseType;

    private JvmEmitter(Kernel kernel) {
        this.kernel = kernel;
        phases = Phase.of(kernel);
        var parameters = new ArrayList<ClassDesc>();
        for (var buffer : kernel.buffers()) parameters.add(array(buffer.scalar()));
        for (var _ : kernel.parameters()) parameters.add(CD_int);
        parameters.add(CD_int);
        parameters.add(CD_int);
        phaseType = MethodTypeDesc.of(CD_void, parameters);
    }

    /// {@return the class file of a kernel}
    public static byte[] emit(Kernel kernel) {
        return new JvmEmitter(kernel).emit();
    }

    /// {@return the array that a buffer is on the JVM}
    static ClassDesc array(ScalarType scalar) {
        return switch (TermEmitter.kind(scalar)) {
            case FLOAT -> java.lang.constant.ConstantDescs.CD_float.arrayType();
            case DOUBLE -> java.lang.constant.ConstantDescs.CD_double.arrayType();
            case LONG -> java.lang.constant.ConstantDescs.CD_long.arrayType();
            default -> CD_int.arrayType();
        };
    }

    private byte[] emit() {
        return ClassFile.of()
                .build(
                        SELF,
                        type -> {
                            type.withFlags(ACC_FINAL | ACC_SUPER | ClassFile.ACC_SYNTHETIC);
                            type.withInterfaceSymbols(INTERFACE);
                            type.withMethodBody(
                                    INIT_NAME,
                                    MTD_void,
                                    ACC_PUBLIC,
                                    code -> {
                                        code.aload(0);
                                        code.invokespecial(CD_Object, INIT_NAME, MTD_void);
                                        code.return_();
                                    });
                            for (int i = 0; i < phases.size(); i++) phase(type, i);
                            dispatch(type);
                            extents(type);
                        });
    }

    private void phase(ClassBuilder type, int number) {
        var phase = phases.get(number);
        type.withMethodBody(
                "phase" + number,
                phaseType,
                ACC_PRIVATE | ACC_STATIC,
                code -> {
                    int first = 0;
                    int from = kernel.buffers().size() + kernel.parameters().size();
                    var writer = new StatementEmitter(code, kernel, first);
                    writer.arrays();
                    for (var statement : phase.prelude()) writer.emit(statement);
                    if (phase.loop() == null) {
                        for (var statement : phase.body()) writer.emit(statement);
                    } else {
                        writer.loop(phase.loop(), c -> c.iload(from), c -> c.iload(from + 1));
                    }
                    code.return_();
                });
    }

    /// `run`: takes the arrays and the sizes apart and calls the method of the phase.
    private void dispatch(ClassBuilder type) {
        type.withMethodBody(
                "run",
                MethodTypeDesc.of(CD_void, CD_int, OBJECTS, INTS, CD_int, CD_int),
                ACC_PUBLIC,
                code -> {
                    for (int i = 0; i < phases.size(); i++) {
                        int number = i;
                        forPhase(
                                code,
                                number,
                                c -> {
                                    int position = 0;
                                    for (var buffer : kernel.buffers()) {
                                        c.aload(2);
                                        c.loadConstant(position++);
                                        c.aaload();
                                        c.checkcast(array(buffer.scalar()));
                                    }
                                    for (int p = 0; p < kernel.parameters().size(); p++) {
                                        c.aload(3);
                                        c.loadConstant(p);
                                        c.iaload();
                                    }
                                    c.iload(4);
                                    c.iload(5);
                                    c.invokestatic(SELF, "phase" + number, phaseType);
                                    c.return_();
                                });
                    }
                    code.return_();
                });
    }

    private void extents(ClassBuilder type) {
        type.withMethodBody(
                "extent",
                MethodTypeDesc.of(CD_int, CD_int, INTS),
                ACC_PUBLIC,
                code -> {
                    for (int i = 0; i < phases.size(); i++) {
                        var phase = phases.get(i);
                        if (phase.loop() == null) continue;
                        var loop = phase.loop();
                        forPhase(
                                code,
                                i,
                                c -> {
                                    int base = 3;
                                    for (int p = 0; p < kernel.parameters().size(); p++) {
                                        c.aload(2);
                                        c.loadConstant(p);
                                        c.iaload();
                                        c.istore(base + p);
                                    }
                                    for (int p = 0; p < kernel.parameters().size(); p++)
                                        c.allocateLocal(TypeKind.INT);
                                    var writer =
                                            new StatementEmitter(
                                                    c, kernel, base - kernel.buffers().size());
                                    for (var statement : phase.prelude()) writer.emit(statement);
                                    writer.term(loop.extent());
                                    c.ireturn();
                                });
                    }
                    code.iconst_1();
                    code.ireturn();
                });
    }

    private void forPhase(
            CodeBuilder code, int number, java.util.function.Consumer<CodeBuilder> body) {
        code.block(block -> {
            var next = block.newLabel();
            block.iload(1);
            block.loadConstant(number);
            block.if_icmpne(next);
            body.accept(block);
            block.labelBinding(next);
        });
    }
}
