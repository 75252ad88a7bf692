package io.webdnn.verify.operator;

import java.util.stream.Stream;

/// All cases of all operators.
public final class OperatorSuite {
    private OperatorSuite() {}

    /// {@return the cases, in a fixed order; their names are unique}
    public static Stream<OperatorCase> cases() {
        return Stream.of(
                        ElementwiseCases.cases(),
                        ProductCases.cases(),
                        WindowCases.cases(),
                        ReductionCases.cases(),
                        LayoutCases.cases(),
                        IndexCases.cases(),
                        DataShapeCases.cases(),
                        PlacementCases.cases(),
                        SamplingCases.cases(),
                        NetworkCases.cases(),
                        ResizeCases.cases(),
                        RecurrentCases.cases(),
                        RecurrentLayerCases.cases(),
                        RegionCases.cases())
                .flatMap(s -> s);
    }
}
