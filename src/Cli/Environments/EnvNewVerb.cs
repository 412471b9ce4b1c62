using System.CommandLine;
using Forge.Hosting.Faults;

namespace Forge.Cli.Environments;

/// <summary><c>forge env new</c>: writes the project of a new environment, and says what to do next.</summary>
internal static class EnvNewVerb
{
    public static Command Create()
    {
        var name = new Argument<string>("name") { Description = "The environment's name, in snake case." };
        var to = new Option<DirectoryInfo?>("--to") { Description = "The folder to write; default: one of the environment's name.", HelpName = "folder" };
        var command = new Command("new", "Writes the project of a new environment, in C#, with a test of its own.") { name, to };
        command.SetAction(parsed =>
        {
            var project = new EnvironmentProject(parsed.GetValue(name)!);
            var folder = parsed.GetValue(to)?.FullName ?? Path.GetFullPath(project.Name);
            project.Write(folder);
            Console.WriteLine(Next(project, folder));
            return (int)ExitCode.Success;
        });
        return command;
    }

    private static string Next(EnvironmentProject project, string folder)
    {
        var shown = Path.GetRelativePath(Directory.GetCurrentDirectory(), folder);
        var assembly = Path.Combine(shown, "bin", project.ClassName + ".dll");
        var mine = $"--set agent_side.environment.name={project.Name} --set agent_side.environment.assembly={assembly}";
        return $"""
            {shown}/{project.ClassName}.cs is the environment. Next:

              dotnet run --project {shown}/tests                 builds it and runs its tests
              forge env test {project.Name} --assembly {assembly}
              forge sft {mine} --set 'agent_side.demonstrations.level_weights=[]'
              forge train {mine} --set 'agent_side.curriculum.level_weights=[]' --set model.checkpoint=FOLDER_OF_SFT
            """;
    }
}
