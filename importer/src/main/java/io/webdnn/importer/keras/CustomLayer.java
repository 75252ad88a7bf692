package io.webdnn.importer.keras;

import io.webdnn.graph.Value;
import io.webdnn.graph.ValueOperators;
import io.webdnn.graph.type.GraphException;
import java.util.List;

/// How a layer that Keras does not have is read: a subclass of `keras.layers.Layer`, of which a
/// file holds the name of the class, what its `get_config` says, and its weights.
///
/// ```java
/// public final class Scale implements CustomLayer {
///     public String kind() { return "Scale"; }
///     public Value translate(Call call) {
///         return Value.of(call.mul(call.input(), call.weight("factor", 1)));
///     }
/// }
/// ```
///
/// Implementations are found by [java.util.ServiceLoader]: a jar names them in
/// `META-INF/services/io.webdnn.importer.keras.CustomLayer`; `webdnn convert --plugin JAR` reads
/// it.
public interface CustomLayer {
    /// {@return the name of the layer's class in Python; one of Keras's own is replaced}
    String kind();

    /// {@return the layer's output, made with the operators of the call}
    ///
    /// @throws GraphException for what it does not take; [Call#wrong] makes one
    Value translate(Call call);

    /// One use of a layer. Attributes and weights that nothing asks for are an error, since they
    /// could change what the layer computes.
    interface Call extends ValueOperators {
        /// Stands for an extent of a weight that may be any.
        int ANY = LayerWeights.ANY;

        /// {@return the inputs, in order}
        List<Value> inputs();

        /// {@return the only input}
        Value input();

        /// {@return the layer's next weight, in the order in which Keras stores them}
        ///
        /// @param role its name in messages
        /// @param shape what its extents must be
        Value weight(String role, int... shape);

        /// {@return whether inputs are `[N, D…, C]`, by the attribute `data_format`}
        boolean isChannelsLast();

        /// {@return an attribute, `otherwise` if the file does not say it}
        String text(String attribute, String otherwise);

        /// {@return an attribute, `otherwise` if the file does not say it}
        int integer(String attribute, int otherwise);

        /// {@return an attribute that must be there}
        List<Integer> integers(String attribute);

        /// {@return an attribute, `otherwise` if the file does not say it}
        float real(String attribute, double otherwise);

        /// {@return an attribute, `otherwise` if the file does not say it}
        boolean flag(String attribute, boolean otherwise);

        /// {@return x after the activation function that an attribute names}
        Value activation(String attribute, Value x);

        /// {@return a complaint that names the layer}
        GraphException wrong(String argument, String expected, Object actual);
    }
}
