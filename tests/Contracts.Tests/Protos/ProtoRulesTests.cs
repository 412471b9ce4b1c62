using Forge.Contracts.V1;
using Google.Protobuf.Reflection;

namespace Forge.Contracts.Tests.Protos;

/// <summary>Holds the contracts to their rules: what two versions of Forge say to each other must not depend on care alone.</summary>
public sealed class ProtoRulesTests
{
    private static readonly FileDescriptor[] Files =
    [
        CommonReflection.Descriptor, GatewayReflection.Descriptor, RolloutReflection.Descriptor, DatapoolReflection.Descriptor,
        WeightsReflection.Descriptor, AgentReflection.Descriptor,
    ];

    [Fact]
    public void Fields_are_numbered_from_one_without_holes()
    {
        var messages = Files.SelectMany(file => file.MessageTypes).ToArray();

        Assert.True(messages.Length > 40);
        foreach (var message in messages)
        {
            var numbers = message.Fields.InFieldNumberOrder().Select(field => field.FieldNumber);
            var reserved = message.ToProto().ReservedRange.SelectMany(range => Enumerable.Range(range.Start, range.End - range.Start));
            var all = numbers.Concat(reserved).Order().ToArray();
            Assert.True(all.SequenceEqual(Enumerable.Range(1, all.Length)), $"{message.Name} has the numbers {string.Join(", ", all)}.");
        }
    }

    [Fact]
    public void Enums_start_with_unspecified_and_have_no_holes()
    {
        var enums = Files.SelectMany(file => file.EnumTypes).ToArray();

        Assert.NotEmpty(enums);
        foreach (var type in enums)
        {
            Assert.EndsWith("_UNSPECIFIED", type.Values[0].Name, StringComparison.Ordinal);
            Assert.Equal(Enumerable.Range(0, type.Values.Count), type.Values.Select(value => value.Number));
        }
    }

    [Fact]
    public void Every_call_has_messages_of_its_own()
    {
        var methods = Files.SelectMany(file => file.Services).SelectMany(service => service.Methods).ToArray();

        Assert.All(methods, method => Assert.EndsWith("Service", method.Service.Name, StringComparison.Ordinal));
        Assert.All(methods, method => Assert.Equal((method.Name + "Request", method.Name + "Response"), (method.InputType.Name, method.OutputType.Name)));
        Assert.Equal(methods.Length, methods.Select(method => method.InputType).Distinct().Count());
    }

    [Fact]
    public void Channels_know_every_service()
        => Assert.Equal(Files.SelectMany(file => file.Services).Select(service => service.FullName).Order(), ForgeServices.All.Select(service => service.FullName).Order());

    [Theory]
    [InlineData("Complete")]
    [InlineData("CompleteEvaluation")]
    [InlineData("Publish")]
    public void What_changes_something_each_time_is_never_repeated_by_itself(string name)
    {
        var method = ForgeServices.All.SelectMany(service => service.Methods).Single(method => method.Name == name);

        Assert.Equal(MethodOptions.Types.IdempotencyLevel.IdempotencyUnknown, method.GetOptions()?.IdempotencyLevel ?? default);
    }
}
