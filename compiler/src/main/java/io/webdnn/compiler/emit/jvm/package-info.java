/// The JVM target: kernels as hidden classes written with `java.lang.classfile`.
@NullMarked
package io.webdnn.compiler.emit.jvm;

import org.jspecify.annotations.NullMarked;
