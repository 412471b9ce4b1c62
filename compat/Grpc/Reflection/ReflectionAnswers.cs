using Google.Protobuf.Reflection;
using Grpc.Core;
using Grpc.Reflection.V1;

namespace Grpc.Reflection;

/// <summary>Answers reflection's questions, in version 1 of its messages; those of v1alpha have the same bytes.</summary>
internal sealed class ReflectionAnswers(IEnumerable<string> services, SymbolRegistry registry)
{
    private readonly List<string> _services = [.. services];

    internal ServerReflectionResponse Answer(ServerReflectionRequest request)
    {
        var response = new ServerReflectionResponse { ValidHost = request.Host, OriginalRequest = request };
        switch (request.MessageRequestCase)
        {
            case ServerReflectionRequest.MessageRequestOneofCase.FileByFilename:
                AddFile(response, registry.FileByName(request.FileByFilename), $"File '{request.FileByFilename}' not found.");
                break;
            case ServerReflectionRequest.MessageRequestOneofCase.FileContainingSymbol:
                AddFile(response, registry.FileContainingSymbol(request.FileContainingSymbol), $"Symbol '{request.FileContainingSymbol}' not found.");
                break;
            case ServerReflectionRequest.MessageRequestOneofCase.ListServices:
                response.ListServicesResponse = new ListServiceResponse
                {
                    Service = { _services.Select(name => new ServiceResponse { Name = name }) },
                };
                break;
            default:
                response.ErrorResponse = Error(StatusCode.Unimplemented, $"Request type {request.MessageRequestCase} is not supported: extensions are proto2.");
                break;
        }

        return response;
    }

    private static void AddFile(ServerReflectionResponse response, FileDescriptor? file, string error)
    {
        if (file is null)
        {
            response.ErrorResponse = Error(StatusCode.NotFound, error);
            return;
        }

        response.FileDescriptorResponse = new FileDescriptorResponse { FileDescriptorProto = { WithImports(file).Select(one => one.SerializedData) } };
    }

    private static ErrorResponse Error(StatusCode code, string message) => new() { ErrorCode = (int)code, ErrorMessage = message };

    private static HashSet<FileDescriptor> WithImports(FileDescriptor file)
    {
        var files = new HashSet<FileDescriptor>();
        var open = new Stack<FileDescriptor>([file]);
        while (open.TryPop(out var next))
        {
            if (files.Add(next))
            {
                foreach (var import in next.Dependencies)
                {
                    open.Push(import);
                }
            }
        }

        return files;
    }
}
