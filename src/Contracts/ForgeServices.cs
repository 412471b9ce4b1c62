using System.Collections.Immutable;
using Forge.Contracts.V1;
using Google.Protobuf.Reflection;

namespace Forge.Contracts;

/// <summary>Lists every service of <c>forge.v1</c>: a channel asks their descriptors which calls may be made twice, reflection shows them.</summary>
public static class ForgeServices
{
    public static ImmutableArray<ServiceDescriptor> All { get; } =
    [
        GatewayService.Descriptor, RolloutService.Descriptor, WeightsService.Descriptor, EvaluatorService.Descriptor,
        EpisodeSinkService.Descriptor, GroupDispatcherService.Descriptor, BatchSourceService.Descriptor,
    ];
}
